/** A chain on which a whole trade has been played, and on which tests begin trades of their own. */
import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../../../src/base/assert.ts';
import { admissionCommand } from '../../../src/client/admission.ts';
import type { ExchangeClient } from '../../../src/client/exchange-client.ts';
import { playAgreement } from '../../../src/demo/acts/agreement.ts';
import { computeTerms } from '../../../src/demo/acts/compute.ts';
import { fileTerms } from '../../../src/demo/acts/listing.ts';
import { act, type Player, type Scenario } from '../../../src/demo/scenario.ts';
import { admitCommand } from '../../../src/identity/schema.ts';
import type { Trade } from '../../../src/trading/schema.ts';
import { tradeCommand } from '../../../src/trading/schema.ts';
import { otherBuyer, type PlayedTrade } from './played-trade.ts';
import { silentStage, watchedStage } from './stage.ts';

export interface MidTrade extends PlayedTrade {
  readonly client: ExchangeClient;
  readonly scenario: Scenario;
  readonly player: (id: string) => Player;
  /** Every node is as far as the one that was furthest when it was called. */
  readonly settle: () => Promise<void>;
  /** Address of a node, another one each time. */
  readonly nextUrl: () => string;
}

/** Beside what was played: another buyer is admitted. */
export async function openMidTrade(played: PlayedTrade): Promise<MidTrade> {
  const { exchange, nodes, dataset } = played;
  const client = nodes.clients[0];
  assert(client, 'there is a node');
  let asked = 0;
  const settle = () => settleAll(nodes.clients);
  const scenario: Scenario = {
    stage: silentStage(),
    player: playersOf(played, settle),
    dataset,
    outDir: exchange.outDir,
    chainId: exchange.genesis.chainId,
    rules: exchange.genesis.rules,
    figures: new Map(),
  };
  await admitOther(scenario);
  return {
    ...played,
    ...{ client, scenario, player: scenario.player, settle },
    nextUrl() {
      asked += 1;
      return nodes.clients[asked % nodes.clients.length]?.url ?? nodes.url;
    },
  };
}

async function settleAll(clients: readonly ExchangeClient[]): Promise<void> {
  const heights = await Promise.all(clients.map(async (client) => (await client.status()).height));
  const furthest = Math.max(...heights);
  for (const [at, client] of clients.entries()) {
    let height = heights[at] ?? 0;
    while (height < furthest) {
      await delay(10);
      ({ height } = await client.status());
    }
  }
}

function playersOf(
  { exchange, nodes }: PlayedTrade,
  settle: () => Promise<void>,
): (id: string) => Player {
  let minHeight = 0;
  return (id) => {
    const party = exchange.parties.get(id);
    assert(party, `${id} has a key`);
    const client = nodes.clientOf(id);
    return {
      id,
      party,
      async submit(...operations) {
        await settle();
        const receipt = await client.submit(party, operations);
        minHeight = Math.max(minHeight, receipt.height);
        return receipt;
      },
      read: (kind, recordId) => client.read(kind, recordId, { minHeight }),
      putContent: (bytes, about) => client.putBlob(party, bytes, about),
      getContent: (digest) => client.getBlob(party, digest),
      sendDelivery: (request) => client.sendDelivery(party, request),
      receiveDelivery: (request) => client.receiveDelivery(party, request),
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
