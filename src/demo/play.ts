import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { fromJson } from '../base/codec.ts';
import { rulePackSchema } from '../base/rules.ts';
import type { SampleOpening } from '../client/delivery-package.ts';
import { ExchangeClient } from '../client/exchange-client.ts';
import type { Party } from '../client/party.ts';
import type { CircuitArtefacts } from '../privacy/zk/build/build-circuit.ts';
import { playAdmission } from './acts/admission.ts';
import { playAgreement } from './acts/agreement.ts';
import { computeTerms, playCompute, type ComputeOpening } from './acts/compute.ts';
import { playDelivery } from './acts/delivery.ts';
import { playGovernance } from './acts/governance.ts';
import { fileTerms, playListing } from './acts/listing.ts';
import { playReview } from './acts/review.ts';
import { playRights, type RegisteredTable } from './acts/rights.ts';
import { playSettlement } from './acts/settlement.ts';
import { playValuation, type ValuationOpening } from './acts/valuation.ts';
import { loadDataset } from './dataset.ts';
import { ids, tableFile, type Player, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

export interface PlayOptions {
  readonly url: string;
  /** Which node each party speaks to at this moment; that of `url` unless given. */
  readonly clientOf?: (partyId: string) => ExchangeClient;
  readonly outDir: string;
  readonly stage: Stage;
  /** Every party's open key, by organisation id. */
  readonly parties: ReadonlyMap<string, Party>;
  /** The compiled circuit of the sample's proof, made before the play begins. */
  readonly artefacts: CircuitArtefacts;
}

/** What the parties choose to show, for the dossier; and figures for the table at the end. */
export interface Played {
  /** What the seller opens to a buyer, with the file. */
  readonly table: RegisteredTable;
  readonly sample: SampleOpening;
  readonly valuation: ValuationOpening;
  readonly compute: ComputeOpening;
  readonly figures: ReadonlyMap<string, string>;
}

/** One whole trade and one compute job, all of it through the public API. */
export async function play(options: PlayOptions): Promise<Played> {
  const scenario = await openScenario(options);
  const { stage } = scenario;
  await playGovernance(scenario);
  await playAdmission(scenario);
  const table = await playRights(scenario);
  const sample = await playListing(scenario, table, options.artefacts);
  await playReview(scenario);
  const valuation = await playValuation(scenario);
  stage.act('Trade 授权交易: the file');
  await playAgreement(scenario, {
    tradeId: ids.trade,
    purpose: 'DELIVERY',
    terms: fileTerms,
    priceFen: 10_000_000n,
    askedFen: 9_000_000n,
    valuationId: ids.valuation,
  });
  await playDelivery(scenario, table, sample);
  await playSettlement(scenario, ids.trade);
  stage.act('Computation 可用不可见: a second licence, and one homomorphic job');
  await playAgreement(scenario, {
    tradeId: ids.computeTrade,
    purpose: 'COMPUTE',
    terms: computeTerms,
    priceFen: 1_000_000n,
    askedFen: 1_000_000n,
    valuationId: null,
  });
  const compute = await playCompute(scenario);
  await playSettlement(scenario, ids.computeTrade);
  return { table, sample, valuation, compute, figures: scenario.figures };
}

async function openScenario(options: PlayOptions): Promise<Scenario> {
  const { url, outDir, stage, parties } = options;
  await mkdir(outDir, { recursive: true });
  const client = new ExchangeClient(url);
  const { genesis } = await client.genesis();
  const dataset = await loadDataset();
  await writeFile(
    path.join(outDir, 'DATA-LICENCE.txt'),
    `birdstrikes.csv: ${dataset.source}. ${dataset.licence}.\n`,
  );
  await mkdir(path.dirname(tableFile({ outDir })), { recursive: true });
  await writeFile(tableFile({ outDir }), dataset.bytes);
  return {
    stage,
    dataset,
    outDir,
    chainId: genesis.chainId,
    rules: fromJson(rulePackSchema, genesis.rules),
    player: castOf(options, parties),
    figures: new Map([['data set', `${dataset.rows.length} rows, ${dataset.bytes.length} bytes`]]),
  };
}

/** Each party has a client of its own; they share nothing but the height of the last write. */
function castOf(
  { url, clientOf }: PlayOptions,
  parties: ReadonlyMap<string, Party>,
): (id: string) => Player {
  let heightSeen = 0;
  const players = new Map<string, Player>();
  for (const [id, party] of parties) {
    const own = new ExchangeClient(url);
    const client = (): ExchangeClient => clientOf?.(id) ?? own;
    players.set(id, {
      id,
      party,
      async submit(...operations) {
        const receipt = await client().submit(party, operations);
        heightSeen = Math.max(heightSeen, receipt.height);
        return receipt;
      },
      read: (kind, recordId) => client().read(kind, recordId, { minHeight: heightSeen }),
      putContent: (bytes, about) => client().putBlob(party, bytes, about),
      getContent: (digest) => client().getBlob(party, digest),
      sendDelivery: (request) => client().sendDelivery(party, request),
      receiveDelivery: (request) => client().receiveDelivery(party, request),
    });
  }
  return (id) => {
    const player = players.get(id);
    if (player) return player;
    throw new OperationalError('DEMO_CAST', `Nobody plays ${id}.`);
  };
}
