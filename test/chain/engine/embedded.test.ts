import { expect } from 'chai';
import { fromHex } from '../../../src/base/bytes.ts';
import { leafHash, verifyConsistency, verifyInclusion } from '../../../src/base/merkle.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import type { Receipt } from '../../../src/chain/engine/engine.ts';
import type { BlockStore } from '../../../src/chain/engine/ports.ts';
import { headerHash, headerSignatureInput } from '../../../src/chain/machine/header.ts';
import { verifyEd25519 } from '../../../src/chain/tx/signature.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { probeRecord, put, refuseAfterWriting, schedule } from '../probe-room.ts';
import {
  admission,
  beginMs,
  blockSigner,
  keyOf,
  operationOf,
  operator,
  sign,
  testGenesis,
} from '../test-chain.ts';
import { heightsById, openNode, wordOf, type NodeOptions, type TestNode } from '../test-node.ts';
import { gate } from './gate.ts';

const note = (sequence: number, words = 'x', key = operator) =>
  sign(operationOf(put, { id: 'probe-1', note: words }), { sequence, key });

const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => from + at);

describe('chain/engine: the embedded sequencer on PostgreSQL (M-80 to M-89)', () => {
  let database: FreshDatabase;
  let nodes: TestNode[] = [];
  beforeEach(async () => (database = await freshDatabase()));
  afterEach(async () => {
    for (const node of nodes) await node.close();
    nodes = [];
    await database.drop();
  });
  async function open(options: NodeOptions = {}): Promise<TestNode> {
    const node = await openNode(database.url, options);
    nodes.push(node);
    return node;
  }
  async function close(node: TestNode): Promise<void> {
    await node.close();
    nodes = nodes.filter((other) => other !== node);
  }

  it('begins with a block of its own, signed by the key that genesis names', async () => {
    const node = await open();
    const height = await new Promise<number>((resolve) => node.engine.onBlock(resolve));
    expect(height).to.equal(1);
    const { header, headerBytes, signature } = node.engine.checkpoint()!;
    expect(header).to.include({ height: 1, previousHash: node.machine.genesisHash });
    expect(
      verifyEd25519(fromHex(blockSigner.publicKey), headerSignatureInput(headerBytes), signature),
    ).to.equal(true);
    expect(await node.store.readHead()).to.include({ headerHash: headerHash(headerBytes) });
  });

  it('acknowledges many at once, each in one block, each provable under the checkpoint', async () => {
    const node = await open();
    const outcomes = await Promise.all(numbers(1, 16).map((at) => node.engine.submit(note(at))));
    expect(outcomes.map(wordOf)).to.deep.equal(new Array(16).fill('OK'));
    const receipts = outcomes.map((outcome) => (outcome as { value: Receipt }).value);
    const standing = await heightsById(node.store);
    expect(standing.size).to.equal(16);
    const { header } = node.engine.checkpoint()!;
    const leaves = new Map<number, Uint8Array>();
    for await (const { logIndex, bytes } of node.store.readLeaves(0)) leaves.set(logIndex, bytes);
    for (const { envelopeId, height, logIndex } of receipts) {
      expect(standing.get(envelopeId)).to.deep.equal([height]);
      const proof = node.engine.proveInclusion(logIndex)!;
      expect(
        verifyInclusion(
          leafHash(leaves.get(logIndex)!),
          logIndex,
          header.logSize,
          proof.hashes.map(fromHex),
          fromHex(header.logRoot),
        ),
      ).to.equal(true);
    }
    expect(node.engine.proveInclusion(header.logSize)).to.equal(null);
    expect(node.engine.proveInclusion(-1)).to.equal(null);
    expect(node.engine.proveInclusion(0, header.logSize + 1)).to.equal(null);
  });

  it('proves that each log was the beginning of the next, and nothing beyond what is on disk', async () => {
    const node = await open();
    const seen: { size: number; root: string }[] = [];
    for (const at of numbers(1, 5)) {
      await node.engine.submit(note(at));
      const { logSize, logRoot } = node.engine.checkpoint()!.header;
      seen.push({ size: logSize, root: logRoot });
    }
    for (const first of seen) {
      for (const second of seen.filter(({ size }) => size >= first.size)) {
        const { hashes } = node.engine.proveConsistency(first.size, second.size)!;
        const roots = [fromHex(first.root), fromHex(second.root)] as const;
        const path = hashes.map(fromHex);
        expect(verifyConsistency(first.size, roots[0], second.size, roots[1], path)).to.equal(true);
        expect(verifyConsistency(first.size, roots[1], second.size, roots[0], path)).to.equal(
          first.size === second.size,
        );
      }
    }
    const { logSize } = node.engine.checkpoint()!.header;
    for (const [first, second] of [
      [0, 1],
      [2, 1],
      [1, logSize + 1],
      [-1, 1],
    ] as const) {
      expect(node.engine.proveConsistency(first, second)).to.equal(null);
    }
  });

  it('gives a receipt for a refused operation and none for a refused envelope', async () => {
    const node = await open();
    const refused = sign(operationOf(refuseAfterWriting, { id: 'probe-1' }), { sequence: 1 });
    expect(wordOf(await node.engine.submit(refused))).to.equal('receipt 990');
    expect(wordOf(await node.engine.submit(refused))).to.equal('SEQUENCE_USED');
    expect(wordOf(await node.engine.submit(note(40)))).to.equal('SEQUENCE_TOO_FAR');
    expect((await heightsById(node.store)).size).to.equal(1);
  });

  it('joins the same bytes sent again while they wait, and decides between rivals', async () => {
    const node = await open();
    const [same, rival] = [note(1, 'a'), note(1, 'b')];
    const outcomes = await Promise.all(
      [same, same, rival, same].map((it) => node.engine.submit(it)),
    );
    expect(outcomes.map(wordOf)).to.deep.equal(['OK', 'OK', 'SEQUENCE_USED', 'OK']);
    expect(outcomes[0]).to.equal(outcomes[1]);
    expect(outcomes[0]).to.equal(outcomes[3]);
    expect((await heightsById(node.store)).size).to.equal(1);
  });

  it('fills blocks to their limit and leaves nothing behind', async () => {
    const parameters = { ...testGenesis().parameters, blockEnvelopesMax: 3 };
    const node = await open({ genesis: testGenesis({ parameters }) });
    const outcomes = await Promise.all(numbers(1, 16).map((at) => node.engine.submit(note(at))));
    expect(outcomes.every(({ ok }) => ok)).to.equal(true);
    const sizes: number[] = [];
    for await (const { envelopes } of node.store.readBlocks(1, 99)) sizes.push(envelopes.length);
    expect(Math.max(...sizes)).to.be.at.most(3);
    expect(sizes.reduce((sum, size) => sum + size)).to.equal(16);
  });

  it('refuses what would wait in too long a queue, of one key and of all', async () => {
    const node = await open({ pendingMax: 4, pendingPerKeyMax: 3, blockIntervalMs: 60 });
    expect(
      wordOf(await node.engine.submit(sign(admission('seller', ['SELLER']), { sequence: 1 }))),
    ).to.equal('OK');
    const key = keyOf('seller');
    const outcomes = await Promise.all([
      ...numbers(2, 4).map((at) => node.engine.submit(note(at))),
      ...numbers(1, 2).map((at) => node.engine.submit(note(at, 'x', key))),
    ]);
    expect(outcomes.map(wordOf)).to.deep.equal([
      ...['OK', 'OK', 'OK', 'ENVELOPE_PENDING_LIMIT'],
      ...['OK', 'ENGINE_BUSY'],
    ]);
    const details = outcomes.map((outcome) => (outcome.ok ? '' : outcome.detail));
    expect(details[3]).to.match(/^3 of key [0-9a-f]+; 3 \(pendingPerKeyMax\) may wait\.$/);
    expect(details[5]).to.equal('4 envelopes (pendingMax) wait for a block.');
    expect(wordOf(await node.engine.submit(note(5))), 'there is room again').to.equal('OK');
  });

  it('shows the state before a block until the database has it', async () => {
    const { open: release, opened } = gate();
    let hold = false;
    const node = await open({
      around: (store) => ({
        ...store,
        commit: async (block, state) => {
          if (hold) await opened;
          await store.commit(block, state);
        },
      }),
    });
    await node.engine.submit(note(1));
    const before = node.engine.status();
    hold = true;
    const waiting = node.engine.submit(note(2, 'held'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect({ ...node.engine.status(), pending: 0 }).to.deep.equal(before);
    expect(node.engine.checkpoint()?.header.height).to.equal(before.height);
    // What is asked of the newest block is answered when it is on disk.
    const order: string[] = [];
    const asked = [
      node.engine
        .proveState(['probe/probe-1'])
        .then((proved) => order.push(`at ${proved?.checkpoint.header.height}`)),
      node.engine.nextSequence(operator.keyId).then((next) => order.push(`next ${next}`)),
      node.engine
        .readRecord(probeRecord, 'probe-1')
        .then((probe) => order.push(`record ${probe?.note}`)),
    ];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(order).to.deep.equal([]);
    release();
    expect(wordOf(await waiting)).to.equal('OK');
    await Promise.all(asked);
    expect(order.sort()).to.deep.equal([`at ${before.height + 1}`, 'next 3', 'record held']);
    expect(await node.engine.readRecord(probeRecord, 'probe-none')).to.equal(null);
    expect(node.machine.readRecord(probeRecord, 'probe-1')?.note).to.equal('held');
  });

  it('stops with the block in hand and all that waits written, once for any number of calls', async () => {
    const node = await open({ blockIntervalMs: 10_000 });
    await new Promise<number>((resolve) => node.engine.onBlock(resolve));
    const waiting = numbers(1, 8).map((at) => node.engine.submit(note(at)));
    const stopping = [node.engine.stop(), node.engine.stop()];
    expect(wordOf(await node.engine.submit(note(9)))).to.equal('ENGINE_STOPPING');
    await Promise.all(stopping);
    expect((await Promise.all(waiting)).map(wordOf)).to.deep.equal(new Array(8).fill('OK'));
    expect((await heightsById(node.store)).size).to.equal(8);
    await node.engine.stop();
  });

  it('meets deadlines when nobody submits', async () => {
    const node = await open();
    const atMs = Date.now() + 60;
    await node.engine.submit(sign(operationOf(schedule, { id: 'probe-7', atMs }), { sequence: 1 }));
    const { height } = node.engine.status();
    await new Promise<void>((resolve) => node.engine.onBlock(() => resolve()));
    expect(node.machine.readRecord(probeRecord, 'probe-7')?.note).to.equal('came due');
    expect(node.engine.status().height).to.equal(height + 1);
    expect(node.engine.status().timeMs).to.be.at.least(atMs);
  });

  it('meets a deadline though the clock was set forward past it while nobody submits', async () => {
    const clock = { nowMs: beginMs + 1_000 };
    const original = globalThis.setTimeout;
    // The engine's longest wait, in a hundredth of a second.
    const quick = (work: () => void, ms = 0) => original(work, ms === 60_000 ? 10 : ms);
    globalThis.setTimeout = Object.assign(quick, original);
    try {
      const node = await open({ clock: () => clock.nowMs });
      const atMs = clock.nowMs + 3_600_000;
      await node.engine.submit(
        sign(operationOf(schedule, { id: 'probe-7', atMs }), { sequence: 1 }),
      );
      const { height } = node.engine.status();
      await new Promise((resolve) => original(resolve, 50));
      expect(node.engine.status().height, 'no block before').to.equal(height);
      clock.nowMs = atMs;
      await new Promise<void>((resolve) => node.engine.onBlock(() => resolve()));
      expect(node.machine.readRecord(probeRecord, 'probe-7')?.note).to.equal('came due');
    } finally {
      globalThis.setTimeout = original;
    }
  });

  it('never lets block time run backwards, whatever the clock does', async () => {
    const clock = { nowMs: beginMs + 5_000 };
    const node = await open({ clock: () => clock.nowMs });
    await node.engine.submit(note(1));
    clock.nowMs = beginMs - 1;
    expect(wordOf(await node.engine.submit(note(2)))).to.equal('OK');
    expect(node.engine.status().timeMs).to.equal(beginMs + 5_000);
  });

  it('acknowledges nothing more once the store has failed, and goes on after a restart', async () => {
    let failing = false;
    const around = (store: BlockStore): BlockStore => ({
      ...store,
      commit: async (block, state) => {
        if (failing) throw new OperationalError('STORE_WRITE', 'disk full, says the test');
        await store.commit(block, state);
      },
    });
    const node = await open({ around });
    expect(wordOf(await node.engine.submit(note(1)))).to.equal('OK');
    failing = true;
    const lost = await Promise.allSettled([2, 3].map((at) => node.engine.submit(note(at))));
    for (const { status, reason } of lost as PromiseRejectedResult[]) {
      expect(status).to.equal('rejected');
      expect(reason).to.include({ code: 'ENGINE_STORE_FAILED' });
    }
    failing = false;
    let code: unknown = null;
    await node.engine
      .submit(note(4))
      .catch((error: unknown) => (code = (error as OperationalError).code));
    expect(code).to.equal('ENGINE_STORE_FAILED');
    expect(node.failures.map(({ code: each }) => each)).to.deep.equal(['ENGINE_STORE_FAILED']);
    const { height } = node.engine.status();
    await close(node);
    const again = await open();
    expect(again.engine.status().height).to.equal(height);
    expect(wordOf(await again.engine.submit(note(2)))).to.equal('OK');
    expect((await heightsById(again.store)).size).to.equal(2);
  });

  it('goes on after a restart with the same hashes, sequences, proofs and deadlines', async () => {
    const clock = { nowMs: beginMs + 1_000 };
    const first = await open({ clock: () => clock.nowMs });
    const atMs = clock.nowMs + 3_600_000;
    await first.engine.submit(
      sign(operationOf(schedule, { id: 'probe-7', atMs }), { sequence: 1 }),
    );
    await first.engine.submit(note(2));
    const before = { status: first.engine.status(), proof: first.engine.proveInclusion(3) };
    const checkpoint = first.engine.checkpoint()!;
    await close(first);
    const second = await open({ clock: () => clock.nowMs });
    expect(second.engine.status()).to.deep.equal(before.status);
    expect(second.engine.proveInclusion(3)).to.deep.equal(before.proof);
    expect(second.engine.checkpoint()!.header).to.deep.equal(checkpoint.header);
    expect(wordOf(await second.engine.submit(note(2)))).to.equal('SEQUENCE_USED');
    expect(wordOf(await second.engine.submit(note(3)))).to.equal('OK');
    expect(second.engine.checkpoint()!.header.previousHash).to.equal(
      headerHash(checkpoint.headerBytes),
    );
    expect(second.machine.readRecord(probeRecord, 'probe-7')).to.equal(null);
    clock.nowMs = atMs;
    expect(wordOf(await second.engine.submit(note(4)))).to.equal('OK');
    expect(second.machine.readRecord(probeRecord, 'probe-7')?.note).to.equal('came due');
    expect(second.engine.status().timeMs).to.be.at.least(atMs);
  });

  it('does not start on another chain’s database, nor on one whose log was changed', async () => {
    const first = await open();
    await first.engine.submit(note(1));
    await first.dataSource.query(
      `UPDATE leaf SET bytes = set_byte(bytes, 3, get_byte(bytes, 3) # 1) WHERE log_index = 1`,
    );
    await close(first);
    const codeOf = (options: NodeOptions): Promise<string> =>
      openNode(database.url, options).then(
        () => 'opened',
        (error: unknown) => (error as OperationalError).code,
      );
    expect(await codeOf({ genesis: testGenesis({ chainId: 'dxl-other' }) })).to.equal(
      'STORE_OTHER_CHAIN',
    );
    expect(await codeOf({})).to.equal('STORE_INCONSISTENT');
  });
});
