import { expect } from 'chai';
import pg from 'pg';
import { EmbeddedEngine } from '../../../src/chain/engine/embedded.ts';
import { openMachine } from '../../../src/chain/engine/open.ts';
import type { OperationalError } from '../../../src/base/operational-error.ts';
import type { StateSource } from '../../../src/chain/engine/ports.ts';
import { CachedState } from '../../../src/chain/machine/cached-state.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import { CommittedState } from '../../../src/chain/machine/state.ts';
import { openBlockStore } from '../../../src/store/block-store.ts';
import { openDataSource } from '../../../src/store/data-source.ts';
import { createStateSource } from '../../../src/store/state-source.ts';
import { freshDatabase } from '../../support/database.ts';
import { put, refuseAfterWriting, schedule, unschedule } from '../probe-room.ts';
import {
  admission,
  beginMs,
  blockSigner,
  keyOf,
  operationOf,
  operator,
  sign,
  testGenesis,
  testParts,
} from '../test-chain.ts';
import { wordOf } from '../test-node.ts';
import { openNode } from './cached-node.ts';

const seller = keyOf('seller');
const note = (id: string, words: string) => operationOf(put, { id, note: words });

/** Blocks of everything that reads state: keys, sequences, records, refusals, deadlines. */
function script(): { atMs: number; envelopes: Uint8Array[] }[] {
  const many = Array.from({ length: 10 }, (_, at) =>
    sign(note(`probe-${at}`, `many ${at}`), { sequence: 10 + at }),
  );
  const later = Array.from({ length: 4 }, (_, at) =>
    sign(operationOf(schedule, { id: `probe-${at}`, atMs: beginMs + 60_000 }), {
      sequence: 20 + at,
    }),
  );
  const moved = Array.from({ length: 4 }, (_, at) =>
    sign(operationOf(schedule, { id: `probe-${at}`, atMs: beginMs + 70_000 }), {
      sequence: 24 + at,
    }),
  );
  return [
    { atMs: 1_000, envelopes: [sign(admission('seller', ['SELLER']), { sequence: 1 })] },
    {
      atMs: 2_000,
      envelopes: [
        sign(operationOf(schedule, { id: 'probe-1', atMs: beginMs + 4_500 }), { sequence: 2 }),
        sign(operationOf(schedule, { id: 'cancels-probe-3', atMs: beginMs + 4_500 }), {
          sequence: 3,
        }),
        sign(operationOf(schedule, { id: 'probe-3', atMs: beginMs + 4_600 }), { sequence: 4 }),
        sign(operationOf(schedule, { id: 'probe-4', atMs: beginMs + 9_000 }), { sequence: 5 }),
      ],
    },
    {
      atMs: 3_000,
      envelopes: [
        sign([note('probe-2', 'b'), operationOf(refuseAfterWriting, { id: 'probe-2' })], {
          key: seller,
          sequence: 1,
        }),
        sign(operationOf(unschedule, { id: 'probe-4' }), { key: seller, sequence: 2 }),
      ],
    },
    { atMs: 5_000, envelopes: many },
    { atMs: 6_000, envelopes: [sign(note('probe-1', 'last'), { key: seller, sequence: 3 })] },
    { atMs: 7_000, envelopes: later },
    { atMs: 8_000, envelopes: moved },
  ];
}

/** Plays the script with a new process for every block where `restarts`, and gives what came of it. */
async function play(
  makeState: () => CachedState | CommittedState,
  restarts: boolean,
): Promise<{ words: string[][]; appHashes: string[]; reads: string[][] }> {
  const database = await freshDatabase();
  let nowMs = beginMs;
  const open = () => openNode(database.url, makeState(), () => nowMs);
  let node = await open();
  const words: string[][] = [];
  const appHashes: string[] = [];
  const reads: string[][] = [];
  try {
    for (const { atMs, envelopes } of script()) {
      nowMs = beginMs + atMs;
      const outcomes = await Promise.all(envelopes.map((bytes) => node.engine.submit(bytes)));
      words.push(outcomes.map(wordOf));
      appHashes.push(node.engine.status().appHash);
      reads.push(...node.reads.splice(0));
      if (!restarts) continue;
      await node.close();
      node = await open();
      expect(node.engine.status().appHash).to.equal(appHashes.at(-1));
    }
  } finally {
    await node.close();
    await database.drop();
  }
  return { words, appHashes, reads };
}

describe('chain/engine: values that stay in the database', () => {
  it('does not go on from a row that was changed in the database', async () => {
    const database = await freshDatabase();
    const node = await openNode(database.url, new CachedState(0), () => beginMs);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await node.engine.submit(sign(note('probe-1', 'as it was'), { sequence: 1 }));
      const forged = await client.query(
        `UPDATE state SET value = value || '\\x00' WHERE key LIKE '~sequence/%'`,
      );
      expect(forged.rowCount).to.equal(1);
      const before = node.engine.status().height;
      const refused = await node.engine
        .submit(sign(note('probe-1', 'on what is forged'), { sequence: 2 }))
        .catch((error: unknown) => error as OperationalError);
      expect(refused).to.include({ code: 'STORE_INCONSISTENT' });
      expect((refused as OperationalError).message).to.match(
        /another value of ~sequence\/\w+ than/,
      );
      expect(node.engine.status().height).to.equal(before);
    } finally {
      await node.close();
      await client.end();
      await database.drop();
    }
  });

  it('leads to the same results and app hashes with all, little or no state in memory', async function () {
    this.timeout(300_000);
    const whole = await play(() => new CommittedState(), false);
    expect(whole.words.flat().filter((word) => word !== 'OK')).to.deep.equal(['receipt 990']);
    expect(whole.reads).to.deep.equal([]);
    const cases = [
      [0, false],
      [0, true],
      [1_000, false],
      [1_000_000, true],
    ] as const;
    for (const [bytesMax, restarts] of cases) {
      const found = await play(() => new CachedState(bytesMax), restarts);
      expect(found.words, `${bytesMax} bytes`).to.deep.equal(whole.words);
      expect(found.appHashes, `${bytesMax} bytes`).to.deep.equal(whole.appHashes);
      const reads = found.reads.length > 0;
      expect(reads, `${bytesMax} ${restarts}`).to.equal(bytesMax < 1_000_000);
    }
  });

  it('reads what a block lacks in a few queries, not one for each envelope', async () => {
    const { reads } = await play(() => new CachedState(0), false);
    const largest = Math.max(...reads.map((keys) => keys.length));
    expect(reads.length).to.be.lessThan(60);
    expect(largest).to.be.greaterThan(2);
    for (const keys of reads) expect(new Set(keys).size).to.equal(keys.length);
  });

  it('settles an envelope that is sent twice at once while its state is being read', async () => {
    const database = await freshDatabase();
    const node = await openNode(database.url, new CachedState(0), () => beginMs + 1_000);
    try {
      const bytes = sign(note('probe-1', 'once'), { sequence: 1 });
      const outcomes = await Promise.all([node.engine.submit(bytes), node.engine.submit(bytes)]);
      expect(outcomes.map(wordOf)).to.deep.equal(['OK', 'OK']);
      expect(node.engine.status().pending).to.equal(0);
      expect(node.height()).to.equal(2);
      expect(wordOf(await node.engine.submit(bytes))).to.equal('SEQUENCE_USED');
    } finally {
      await node.close();
      await database.drop();
    }
  });

  it('holds nothing for those who ask and are refused, while no block comes', async () => {
    const database = await freshDatabase();
    const state = new CachedState(0);
    const node = await openNode(database.url, state, () => beginMs + 1_000);
    try {
      expect(await node.engine.nextSequence(operator.keyId)).to.equal(1);
      expect(state.bytes).to.equal(0);
      const wrong = sign(note('probe-1', 'x'), { sequence: 1 });
      wrong[wrong.length - 1]! ^= 1;
      expect(wordOf(await node.engine.submit(wrong))).to.equal('SIGNATURE_INVALID');
      expect(state.bytes).to.equal(0);
    } finally {
      await node.close();
      await database.drop();
    }
  });

  it('ends the node where the database does not give what a block lacks', async () => {
    const database = await freshDatabase();
    let nowMs = beginMs + 1_000;
    let fails = false;
    let inner: StateSource | null = null;
    const failures: OperationalError[] = [];
    let report: () => void = () => undefined;
    const failed = new Promise<void>((resolve) => (report = resolve));
    const dataSource = await openDataSource(database.url, { poolMax: 2 });
    const node = await openNode(database.url, new CachedState(0), () => nowMs, {
      source: {
        readState: (keys) =>
          fails
            ? Promise.reject(new Error('connection lost, says the test'))
            : (inner ??= createStateSource(dataSource)).readState(keys),
      },
      onFailure: (error) => {
        failures.push(error);
        report();
      },
    });
    try {
      // Met, the first reads where the second one stands.
      const due = [
        operationOf(schedule, { id: 'cancels-probe-3', atMs: nowMs + 40 }),
        operationOf(schedule, { id: 'probe-3', atMs: nowMs + 90_000 }),
      ];
      expect(wordOf(await node.engine.submit(sign(due, { sequence: 1 })))).to.equal('OK');
      fails = true;
      nowMs += 50;
      await failed;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(failures.map(({ code }) => code)).to.deep.equal(['ENGINE_STORE_FAILED']);
      const refused = await node.engine.submit(sign(note('probe-1', 'x'), { sequence: 2 })).then(
        () => null,
        (error: unknown) => (error as OperationalError).code,
      );
      expect(refused).to.equal('ENGINE_STORE_FAILED');
    } finally {
      await node.close();
      await dataSource.destroy();
      await database.drop();
    }
  });

  it('ends where the store goes on without it, instead of reading for ever', async () => {
    const database = await freshDatabase();
    const dataSource = await openDataSource(database.url, { poolMax: 4 });
    const store = await openBlockStore({ dataSource, url: database.url });
    const machine = new Machine(testGenesis(), testParts, new CachedState(0));
    await openMachine(machine, store);
    const engine = new EmbeddedEngine({
      machine,
      store,
      source: { readState: async () => ({ height: 7, rows: [] }) },
      blockSigner,
      checkpoint: null,
      clock: () => beginMs,
      blockIntervalMs: 60_000,
      pendingMax: 10,
      pendingPerKeyMax: 10,
      onFailure: () => undefined,
    });
    expect(await engine.proveState(['probe/probe-1'])).to.equal(null);
    const error = await engine.submit(sign(note('probe-1', 'x'), { sequence: 1 })).then(
      () => null,
      (cause: unknown) => cause as { code: string },
    );
    expect(error?.code).to.equal('STORE_FENCED');
    await engine.stop();
    await store.close();
    await dataSource.destroy();
    await database.drop();
  });
});
