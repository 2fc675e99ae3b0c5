/** An exchange with a listed product, on which tests begin trades of their own. */
import { assert } from '../../../src/base/assert.ts';
import { admissionCommand } from '../../../src/client/admission.ts';
import { ExchangeClient } from '../../../src/client/exchange-client.ts';
import { playAdmission } from '../../../src/demo/acts/admission.ts';
import { playAgreement } from '../../../src/demo/acts/agreement.ts';
import { computeTerms } from '../../../src/demo/acts/compute.ts';
import { fileTerms, playListing, type SampleSecrets } from '../../../src/demo/acts/listing.ts';
import { playReview } from '../../../src/demo/acts/review.ts';
import { playRights } from '../../../src/demo/acts/rights.ts';
import { demoCreditCode, type Character } from '../../../src/demo/cast.ts';
import { loadDataset } from '../../../src/demo/dataset.ts';
import { act, type Player, type Scenario } from '../../../src/demo/scenario.ts';
import { admitCommand } from '../../../src/identity/schema.ts';
import type { Trade } from '../../../src/trading/schema.ts';
import { tradeCommand } from '../../../src/trading/schema.ts';
import { makeExchange, startNode, type RunningNode, type TestExchange } from './exchange.ts';
import { silentStage, watchedStage } from './stage.ts';

/** A second buyer: what it signs for is not the first one's. */
export const otherBuyer: Character = {
  id: 'other-buyer',
  name: 'Lapwing Insurance',
  roles: ['ADMIN', 'BUYER'],
  creditCode: demoCreditCode(99),
  jurisdiction: 'CN',
  beneficialOwner: null,
};

export interface MidTrade {
  readonly exchange: TestExchange;
  readonly node: RunningNode;
  readonly client: ExchangeClient;
  readonly scenario: Scenario;
  readonly player: (id: string) => Player;
  readonly tableSalt: Uint8Array;
  readonly sample: SampleSecrets;
}

/** From admission to a listing that two reviewers have passed: about twelve seconds. */
export async function openMidTrade(): Promise<MidTrade> {
  const exchange = await makeExchange({ others: [otherBuyer] });
  const node = await startNode(exchange);
  const client = new ExchangeClient(node.url);
  const scenario: Scenario = {
    stage: silentStage(),
    player: playersOf(exchange, client),
    dataset: await loadDataset(),
    outDir: exchange.outDir,
    chainId: exchange.genesis.chainId,
    rules: exchange.genesis.rules,
    figures: new Map(),
  };
  await playAdmission(scenario);
  await admitOther(scenario);
  const tableSalt = await playRights(scenario);
  const sample = await playListing(scenario, exchange.artefacts);
  await playReview(scenario);
  return { exchange, node, client, scenario, player: scenario.player, tableSalt, sample };
}

function playersOf(exchange: TestExchange, client: ExchangeClient): (id: string) => Player {
  let minHeight = 0;
  return (id) => {
    const party = exchange.parties.get(id);
    assert(party, `${id} has a key`);
    return {
      id,
      party,
      async submit(...operations) {
        const receipt = await client.submit(party, operations);
        minHeight = Math.max(minHeight, receipt.height);
        return receipt;
      },
      read: (kind, recordId) => client.read(kind, recordId, { minHeight }),
      putContent: (bytes) => client.putBlob(party, bytes),
      getContent: (digest) => client.getBlob(party, digest),
    };
  };
}

async function admitOther({ player, chainId }: Scenario): Promise<void> {
  const { id, roles, ...facts } = otherBuyer;
  const command = admissionCommand(player(id).party, chainId, {
    organisationId: id,
    ...facts,
    roles: [...roles],
  });
  await player('operator').submit(act('identity.admit', admitCommand, command));
}

/**
 * A trade whose money is in escrow and whose delivery is open.
 * @param beforeFunding run once both have signed and nothing is paid.
 */
export async function openTrade(
  { scenario, player }: MidTrade,
  tradeId: string,
  purpose: Trade['purpose'],
  beforeFunding: () => Promise<void> = async () => undefined,
): Promise<void> {
  const file = purpose === 'DELIVERY';
  const priceFen = file ? 10_000_000n : 1_000_000n;
  const stage = watchedStage(async (_number, title) => {
    if (title.endsWith('held in escrow')) await beforeFunding();
  });
  await playAgreement(
    { ...scenario, stage },
    {
      tradeId,
      purpose,
      terms: file ? { ...fileTerms, usesMax: 2 } : computeTerms,
      priceFen,
      askedFen: priceFen,
      valuationId: null,
    },
  );
  await player('seller').submit(act('trading.start-delivery', tradeCommand, { tradeId }));
}
