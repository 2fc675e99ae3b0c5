import { expect } from 'chai';
import pg from 'pg';
import { toHex } from '../../../src/base/bytes.ts';
import { readEnvelopeSequence } from '../../../src/chain/tx/envelope-sequence.ts';
import { batchEnvelopesMax } from '../../../src/client/envelope-batch.ts';
import { ExchangeClient } from '../../../src/client/exchange-client.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import type { Party } from '../../../src/client/party.ts';
import { signedTwice } from '../../../src/client/signed-twice.ts';
import { appliedSql, wordsOf, wordsOfApplied } from '../../support/applied-envelopes.ts';
import { losses, openLossyProxy, type Loss, type LossyProxy } from '../../support/lossy-proxy.ts';
import { lanes, lossesFrom, type Lane, type Line } from '../support/lanes.ts';
import type { MidTrade } from '../support/mid-trade.ts';
import { used } from '../support/used.ts';

/** Blocks for which an envelope may wait; the proxy can let more pass by. */
const expiryBlocks = 12;
const batchSize = 6;
const rounds = 2;

/**
 * Operations that are applied as often as they are signed anew, through a proxy that loses what passes and
 * brings each request to another node.
 */
export function lossesOnTheWay(world: () => MidTrade): void {
  let proxy: LossyProxy;
  let client: ExchangeClient;
  /** What is done to the next requests that submit, by who signed and what. */
  const planned = new Map<string, Loss[]>();
  const party = (id: string): Party => world().player(id).party;

  before(async () => {
    proxy = await openLossyProxy({
      target: () => world().nextUrl(),
      draw: (path, body) => planned.get(wordsIn(path, body))?.shift() ?? null,
      expire: passBy,
    });
    const transport = { pauseMs: 20, patienceMs: 300_000 };
    client = new ExchangeClient(proxy.url, { transport, submit: { expiryBlocks } });
  });
  after(() => proxy.close());

  /** Every node has as many blocks more as an envelope may wait for. */
  async function passBy(): Promise<void> {
    const direct = world().client;
    const { height } = await direct.status();
    while ((await direct.status()).height <= height + expiryBlocks) {
      // Refused in its block: the licence is not active yet, or no more.
      await direct.submit(party('buyer'), [used(0)]).catch(() => undefined);
    }
    await world().settle();
  }

  async function applied(): Promise<string[]> {
    await proxy.release();
    await world().settle();
    const database = new pg.Client({ connectionString: world().nodes.ledger.url });
    await database.connect();
    try {
      const { rows } = await database.query<Record<string, string>>(appliedSql);
      return rows.map(wordsOfApplied);
    } finally {
      await database.end();
    }
  }

  /** All rounds of one lane; what was sent, in order. */
  async function run(lane: Lane, first: number, tried: Set<string>): Promise<readonly string[]> {
    const sent: string[] = [];
    let minHeight = 0;
    const line: Line = {
      async send(id, operations, some = []) {
        const words = wordsOfOperations(party(id), operations);
        planned.set(words, [...some]);
        if (some.length > 0) for (const { name } of operations) tried.add(name);
        const receipt = await client.submit(party(id), operations).catch((error: unknown) => {
          throw new Error(`${words}: ${(error as Error).message}`, { cause: error });
        });
        planned.delete(words);
        minHeight = receipt.height;
        sent.push(words);
      },
      read: (kind, id) => client.read(kind, id, { minHeight }),
      losing: lossesFrom(first),
      genesis: world().exchange.genesis,
    };
    await lane.begin?.(line);
    for (let round = 0; round < rounds; round += 1) {
      await lane.round(line);
      // Long after its end is known to the client, what was held back comes to the exchange.
      await proxy.release();
    }
    return sent;
  }

  it('take effect exactly once, all that would take effect again', async () => {
    const before = await applied();
    const tried = new Set<string>();
    const sent = await Promise.all(lanes.map((lane, at) => run(lane, 3 * at, tried)));
    const found = (await applied()).slice(before.length);
    for (const [at, expected] of sent.entries()) {
      const own = found.filter((words) => expected.includes(words));
      expect(own, lanes[at]?.name).to.deep.equal(expected);
    }
    expect(found).to.have.length(sent.flat().length);
    const again = Object.entries(signedTwice).filter(([, kind]) => kind === 'again');
    expect([...tried].sort()).to.deep.equal(again.map(([name]) => name).sort());
    expect([...proxy.done.keys()].sort()).to.deep.equal([...losses].sort());
  });

  it('take effect exactly once, many in one request', async () => {
    const before = await applied();
    const words = wordsOfOperations(party('operator'), standing);
    const sent: string[] = [];
    for (const loss of losses) {
      planned.set(words, [loss]);
      const lists = Array.from({ length: batchSize }, () => standing);
      sent.push(...lists.map(() => words));
      const outcomes = await client.submitMany(party('operator'), lists);
      const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.message]));
      expect(errors, loss).to.deep.equal([]);
    }
    planned.clear();
    const found = (await applied()).slice(before.length);
    expect(found).to.deep.equal(sent);
    expect([...proxy.done.keys()].sort()).to.deep.equal([...losses].sort());
  });
}

/** In one envelope there and back, so that nothing hinders it from being done once more. */
const standing: readonly NamedOperation[] = ['identity.suspend', 'identity.reinstate'].map(
  (name) => ({ name, command: { organisationId: 'other-buyer', reason: 'A bad line is tried.' } }),
);

const wordsOfOperations = ({ signingKey }: Party, operations: readonly NamedOperation[]): string =>
  wordsOf(
    signingKey.keyId,
    operations.map(({ name }) => name),
  );

/** Of the envelope in a request, or of the first of many. */
function wordsIn(path: string, body: Uint8Array): string {
  if (!path.endsWith(':batch')) return wordsOfApplied({ bytes: toHex(body) });
  const read = readEnvelopeSequence(body, batchEnvelopesMax);
  return wordsOfApplied({ bytes: toHex((read.ok && read.envelopes[0]) || new Uint8Array(0)) });
}
