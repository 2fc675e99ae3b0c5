/** By which rules an exchange judges the next envelope, as it answers. */
import { fromJson } from '../base/codec.ts';
import { rulePackSchema, type RulePack, type SampleSize } from '../base/rules.ts';
import { sampleSizes } from '../base/sample-sizes.ts';
import { machineVersionRecord, rulesVersionRecord } from '../governance/state.ts';
import type { ExchangeClient } from './exchange-client.ts';

export interface RulesInForce {
  readonly chainId: string;
  readonly rules: RulePack;
  readonly machineVersion: number;
}

/** Throws ProblemError or OperationalError of the exchange. */
export async function rulesInForce(client: ExchangeClient): Promise<RulesInForce> {
  const [{ genesis }, { height }] = await Promise.all([client.genesis(), client.status()]);
  let machineVersion = genesis.version;
  for await (const record of client.listAll(machineVersionRecord.collection)) {
    const { fromHeight, version } = fromJson(machineVersionRecord.schema, record);
    if (fromHeight <= height + 1) machineVersion = Math.max(machineVersion, version);
  }
  let newest = { number: 1, pack: fromJson(rulePackSchema, genesis['rules']) };
  for await (const record of client.listAll(rulesVersionRecord.collection)) {
    const decided = fromJson(rulesVersionRecord.schema, record);
    if (decided.fromHeight <= height + 1 && decided.number > newest.number) newest = decided;
  }
  return { chainId: genesis.chainId, machineVersion, rules: newest.pack };
}

export const sizesInForce = ({ rules, machineVersion }: RulesInForce): readonly SampleSize[] =>
  sampleSizes(rules, machineVersion);
