import { expect } from 'chai';
import pg from 'pg';
import { ExchangeClient } from '../../../src/client/exchange-client.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import type { Party } from '../../../src/client/party.ts';
import { ids } from '../../../src/demo/scenario.ts';
import { appliedSql, wordsOf, wordsOfApplied } from '../../support/applied-envelopes.ts';
import { losses, openLossyProxy, type Loss, type LossyProxy } from '../../support/lossy-proxy.ts';
import type { MidTrade } from '../support/mid-trade.ts';
import { used } from '../support/used.ts';

/** Blocks for which an envelope may wait; the proxy can let more pass by. */
const expiryBlocks = 12;
const batchSize = 6;

interface Submission {
  readonly party: Party;
  readonly operations: readonly NamedOperation[];
}

/**
 * Envelopes that are applied as often as they are signed anew, through a proxy that loses what passes and
 * brings each request to another node.
 */
export function lossesOnTheWay(world: () => MidTrade): void {
  let proxy: LossyProxy;
  let client: ExchangeClient;
  /** What is done to the next requests that submit. */
  let planned: Loss[] = [];
  const party = (id: string): Party => world().player(id).party;

  before(async () => {
    proxy = await openLossyProxy({
      target: () => world().nextUrl(),
      draw: () => planned.shift() ?? null,
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

  const wordsOfAll = (submissions: readonly Submission[]): string[] =>
    submissions.map(({ party: { signingKey }, operations }) =>
      wordsOf(
        signingKey.keyId,
        operations.map(({ name }) => name),
      ),
    );

  /** There and back, so that nothing hinders it from being done once more. */
  const pair = (id: string, names: readonly string[], command: object): Submission => ({
    party: party(id),
    operations: names.map((name) => ({ name, command })),
  });
  const reason = 'It is tried on a bad line.';
  const standing = () =>
    pair('operator', ['identity.suspend', 'identity.reinstate'], {
      ...{ organisationId: 'other-buyer', reason },
    });
  const supervision = () =>
    pair('operator', ['licence.suspend', 'licence.resume'], { licenceId: ids.trade, reason });

  it('take effect exactly once, alone', async () => {
    const before = await applied();
    const submissions = losses.map((_, at) => (at % 2 === 0 ? standing() : supervision()));
    for (const [at, { party: signer, operations }] of submissions.entries()) {
      planned = [losses[at] ?? 'delay', losses[(at + 4) % losses.length] ?? 'delay'];
      await client.submit(signer, operations);
    }
    planned = [];
    expect((await applied()).slice(before.length)).to.deep.equal(wordsOfAll(submissions));
  });

  it('take effect exactly once, many in one request', async () => {
    const before = await applied();
    const submissions: Submission[] = [];
    for (const loss of losses) {
      const some = Array.from({ length: batchSize }, standing);
      submissions.push(...some);
      planned = [loss];
      const lists = some.map(({ operations }) => operations);
      const outcomes = await client.submitMany(party('operator'), lists);
      const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.message]));
      expect(errors, loss).to.deep.equal([]);
    }
    planned = [];
    const found = (await applied()).slice(before.length);
    expect(found).to.deep.equal(wordsOfAll(submissions));
    expect([...proxy.done.keys()].sort()).to.deep.equal([...losses].sort());
  });
}
