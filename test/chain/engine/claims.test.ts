/** Proofs of values that stay in the database: what they read, keep and hold up. */
import { expect } from 'chai';
import pg from 'pg';
import { fromHex } from '../../../src/base/bytes.ts';
import type { EmbeddedEngineOptions } from '../../../src/chain/engine/embedded.ts';
import type { StateClaims } from '../../../src/chain/engine/engine.ts';
import { CachedState } from '../../../src/chain/machine/cached-state.ts';
import { verifyStateProof } from '../../../src/chain/tree/verify-state-proof.ts';
import { openDataSource } from '../../../src/store/data-source.ts';
import { createStateSource } from '../../../src/store/state-source.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { put } from '../probe-room.ts';
import { beginMs, keyOf, operationOf, sign } from '../test-chain.ts';
import { wordOf } from '../test-node.ts';
import { openNode, type CachedNode } from './cached-node.ts';

const note = (id: string, words: string) => operationOf(put, { id, note: words });

function expectSound({ checkpoint, claims }: StateClaims): void {
  const root = fromHex(checkpoint.header.stateRoot);
  for (const { key, value, proof } of claims) {
    expect(verifyStateProof(root, key, value, proof), key).to.equal(true);
    expect(verifyStateProof(root, key, Uint8Array.of(1), proof), `not ${key}`).to.equal(false);
  }
}

describe('chain/engine: proofs of values that stay in the database', () => {
  let database: FreshDatabase;
  let node: CachedNode | null = null;
  let state: CachedState;
  let nowMs: number;

  async function open(changed: Partial<EmbeddedEngineOptions> = {}): Promise<CachedNode> {
    nowMs = beginMs;
    state = new CachedState(0);
    node = await openNode(database.url, state, () => nowMs, changed);
    nowMs += 1_000;
    return node;
  }

  async function write(ids: readonly string[], words: string, sequence = 1): Promise<void> {
    const sent = ids.map((id, at) =>
      node!.engine.submit(sign(note(id, words), { sequence: sequence + at })),
    );
    expect((await Promise.all(sent)).map(wordOf)).to.deep.equal(ids.map(() => 'OK'));
  }

  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(async () => {
    await node?.close();
    node = null;
    await database.drop();
  });

  it('prove presence and absence under the checkpoint, reading the value where it lies', async () => {
    const { engine } = await open();
    await write(['probe-1'], 'here');
    const proved = await engine.proveState(['probe/probe-1', 'probe/probe-2']);
    expectSound(proved!);
    expect(proved!.checkpoint).to.equal(engine.checkpoint());
    expect(proved!.claims.map(({ value }) => value === null)).to.deep.equal([false, true]);
    expect(await engine.nextSequence(keyOf('operator').keyId)).to.equal(2);
  });

  it('take few reads, none of what is known to be absent, and keep nothing in memory', async () => {
    const { engine, reads, claimReads } = await open();
    const ids = Array.from({ length: 140 }, (_, at) => `probe-${at}`);
    for (let at = 0; at < 140; at += 14) await write(ids.slice(at, at + 14), 'here', at + 1);
    reads.splice(0);
    const keys = [...ids, 'probe-none'].map((id) => `probe/${id}`);
    const proved = await engine.proveState(['~genesis', ...keys]);
    expectSound(proved!);
    expect(proved!.claims.map(({ value }) => value === null)).to.deep.equal([
      false,
      ...keys.map((_, at) => at === 140),
    ]);
    expect(claimReads).to.deep.equal([keys.slice(0, 128), keys.slice(128, 140)]);
    expect(reads).to.deep.equal([]);
    expect(state.bytes).to.equal(0);
  });

  it('hold up no block, however long their reads take', async () => {
    const dataSource = await openDataSource(database.url, { poolMax: 2 });
    const inner = createStateSource(dataSource);
    let give: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (give = resolve));
    let asked: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => (asked = resolve));
    const { engine } = await open({
      claimSource: {
        async readState(keys) {
          const found = await inner.readState(keys);
          asked();
          await held;
          return found;
        },
      },
    });
    await write(['probe-1', 'probe-2'], 'before');
    const proving = engine.proveState(['probe/probe-1', 'probe/probe-2']);
    await reading;
    nowMs += 1_000;
    await write(['probe-1'], 'after', 3);
    expect(engine.status().height).to.equal(3);
    give();
    const proved = (await proving)!;
    await dataSource.destroy();
    // What was read is older than the block that came meanwhile.
    expectSound(proved);
    expect(proved.checkpoint.header.height).to.equal(3);
    const [first, second] = proved.claims.map(({ value }) => Buffer.from(value!).toString());
    expect(first).to.contain('after');
    expect(second).to.contain('before');
  });

  it('are not made of a row that was changed in the database', async () => {
    const { engine } = await open();
    await write(['probe-1'], 'as it was');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const forged = await client.query(
        `UPDATE state SET value = value || '\\x00' WHERE key = 'probe/probe-1'`,
      );
      expect(forged.rowCount).to.equal(1);
    } finally {
      await client.end();
    }
    const error = await engine.proveState(['probe/probe-1']).then(
      () => null,
      (cause: unknown) => cause as Error,
    );
    expect(error).to.include({ code: 'STORE_INCONSISTENT' });
    expect(error!.message).to.contain('another value of probe/probe-1 than');
  });

  it('end where the store goes on without the node, instead of reading for ever', async () => {
    let reads = 0;
    const { engine } = await open({
      claimSource: {
        readState: async () => {
          reads += 1;
          return { height: 7, rows: [] };
        },
      },
    });
    await write(['probe-1'], 'here');
    const error = await engine.proveState(['probe/probe-1']).then(
      () => null,
      (cause: unknown) => cause as Error,
    );
    expect(error).to.include({ code: 'STORE_FENCED' });
    expect(reads).to.equal(100);
  });
});
