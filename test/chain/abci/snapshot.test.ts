import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ResponseApplySnapshotChunk_Result as Apply,
  ResponseOfferSnapshot_Result as Offer,
  type Snapshot,
} from 'cosmjs-types/tendermint/abci/types';
import { fromHex } from '../../../src/base/bytes.ts';
import {
  decodeSnapshot,
  encodeBlockItem,
  encodeStateItem,
} from '../../../src/chain/abci/snapshot-format.ts';
import { decodeHeader, encodeHeader } from '../../../src/chain/machine/header.ts';
import { sha256 } from '../../../src/base/hash.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { vectorBlocks } from '../../conformance/vectors.ts';
import { beginMs, testGenesis } from '../test-chain.ts';
import { AbciClient, decidedBlock, initChainOf } from './abci-client.ts';
import { openApplication, type TestApplication } from './test-application.ts';

describe('snapshots over ABCI', () => {
  const databases: FreshDatabase[] = [];
  const open: TestApplication[] = [];
  const start = async (snapshotInterval = 0) => {
    const database = await freshDatabase();
    databases.push(database);
    const app = await openApplication(database.url, { snapshotInterval });
    open.push(app);
    return { app, client: await AbciClient.open(app.socketPath) };
  };
  let source: Awaited<ReturnType<typeof start>>;
  let snapshot: Snapshot;
  let chunks: Uint8Array[];

  before(async () => {
    source = await start(10);
    const { client, app } = source;
    await client.ask({ initChain: initChainOf(testGenesis()) });
    for (const [at, { timeMs, envelopes }] of vectorBlocks(testGenesis()).entries()) {
      if (at === 10) break;
      await client.ask({ finalizeBlock: decidedBlock(at + 1, timeMs, [...envelopes]) });
      await client.ask({ commit: {} });
    }
    expect(app.application.head.height).to.equal(10);
    let listed: Snapshot[] = [];
    for (let tries = 0; tries < 100 && listed.length === 0; tries += 1) {
      await delay(20);
      listed = (await client.ask({ listSnapshots: {} }))?.listSnapshots?.snapshots ?? [];
    }
    snapshot = listed[0]!;
    chunks = [];
    for (let chunk = 0; chunk < snapshot.chunks; chunk += 1) {
      const loadSnapshotChunk = { height: snapshot.height, format: snapshot.format, chunk };
      chunks.push((await client.ask({ loadSnapshotChunk }))!.loadSnapshotChunk!.chunk);
    }
  });
  after(async () => {
    for (const app of open.splice(0)) await app.close();
    for (const database of databases.splice(0)) await database.drop();
  });

  const appHash = () => fromHex(source.app.application.head.appHash);
  const offer = async (client: AbciClient, changed: Partial<Snapshot> = {}, hash = appHash()) =>
    (await client.ask({ offerSnapshot: { snapshot: { ...snapshot, ...changed }, appHash: hash } }))
      ?.offerSnapshot?.result;
  const apply = async (client: AbciClient, chunk: Uint8Array) =>
    (await client.ask({ applySnapshotChunk: { index: 0, chunk, sender: 'peer' } }))
      ?.applySnapshotChunk;

  it('restores an empty ledger to the same head, rows and next block', async () => {
    const { app, client } = await start();
    expect(await offer(client)).to.equal(Offer.ACCEPT);
    expect((await apply(client, chunks[0]!))?.result).to.equal(Apply.ACCEPT);
    expect(app.application.head).to.deep.equal(source.app.application.head);
    const rows = async ({ store }: TestApplication) => {
      const found: unknown[] = [];
      for await (const row of store.readState()) found.push(row);
      for await (const block of store.readBlocks(1, 99)) found.push(block);
      return found;
    };
    expect(await rows(app)).to.deep.equal(await rows(source.app));
    const next = vectorBlocks(testGenesis())[10]!;
    const finalizeBlock = decidedBlock(11, next.timeMs, [...next.envelopes]);
    const here = (await client.ask({ finalizeBlock }))?.finalizeBlock?.appHash;
    const there = (await source.client.ask({ finalizeBlock }))?.finalizeBlock?.appHash;
    expect(here).to.deep.equal(there);
    expect((await client.ask({ commit: {} }))?.commit).not.to.equal(undefined);
  });

  it('asks again, of another peer, for a chunk that is not the announced one', async () => {
    const { client, app } = await start();
    expect(await offer(client)).to.equal(Offer.ACCEPT);
    const changed = Uint8Array.from(chunks[0]!);
    changed[changed.length >> 1]! ^= 1;
    const answer = await apply(client, changed);
    expect(answer).to.deep.equal({
      result: Apply.RETRY,
      refetchChunks: [0],
      rejectSenders: ['peer'],
    });
    expect((await apply(client, chunks[0]!))?.result).to.equal(Apply.ACCEPT);
    expect(app.application.head.height).to.equal(10);
  });

  it('refuses a snapshot that does not lead to the app hash that the validators signed', async () => {
    const { client, app } = await start();
    const otherHash = new Uint8Array(32).fill(7);
    expect(await offer(client, {}, otherHash)).to.equal(Offer.ACCEPT);
    expect((await apply(client, chunks[0]!))?.result).to.equal(Apply.REJECT_SNAPSHOT);
    expect(app.application.head.height).to.equal(0);
    expect((await app.store.readHead())?.height).to.equal(0);
  });

  it('refuses a changed state row, envelope or leaf though all hashes of its chunks agree', async () => {
    const content = gunzipSync(chunks[0]!);
    for (const part of ['operator', 'noted', 'probe-a']) {
      const { client, app } = await start();
      const changed = Uint8Array.from(content);
      const place = content.lastIndexOf(part);
      expect(place).to.be.above(0);
      changed[place]! ^= 1;
      const chunk = gzipSync(changed);
      const metadata = sha256(chunk);
      expect(await offer(client, { metadata, hash: sha256(metadata) })).to.equal(Offer.ACCEPT);
      expect((await apply(client, chunk))?.result, part).to.equal(Apply.REJECT_SNAPSHOT);
      expect((await app.store.readHead())?.height).to.equal(0);
    }
  });

  /** Offered with hashes made anew, by a peer who wants it not to be noticed. */
  const offerForged = async (content: Uint8Array) => {
    const { client, app } = await start();
    const chunk = gzipSync(content);
    const metadata = sha256(chunk);
    expect(await offer(client, { metadata, hash: sha256(metadata) })).to.equal(Offer.ACCEPT);
    const answer = await apply(client, chunk);
    expect((await app.store.readHead())?.height).to.equal(0);
    return answer?.result;
  };

  it('refuses a key of the state that stands in it twice', async () => {
    const content = gunzipSync(chunks[0]!);
    let [last, at] = [0, 0];
    while (at < content.length) [last, at] = [at, at + 4 + content.readUInt32BE(at)];
    const twice = Buffer.concat([content, content.subarray(last)]);
    expect(await offerForged(twice)).to.equal(Apply.REJECT_SNAPSHOT);
  });

  it('refuses a block of another time than its events, though no app hash tells', async () => {
    const { blocks, state } = decodeSnapshot(gunzipSync(chunks[0]!));
    const written = (addMs: number) => {
      const block = blocks.at(-1)!;
      const before = decodeHeader(block.header);
      const header = encodeHeader({ ...before, timeMs: before.timeMs + addMs });
      return Buffer.concat([
        ...[...blocks.slice(0, -1), { ...block, header }].map(encodeBlockItem),
        ...state.map(({ key, value }) => encodeStateItem(key, value!)),
      ]);
    };
    expect(written(0)).to.deep.equal(gunzipSync(chunks[0]!));
    for (const addMs of [-1, 1, 3_600_000]) {
      expect(await offerForged(written(addMs)), `${addMs}`).to.equal(Apply.REJECT_SNAPSHOT);
    }
  });

  it('refuses blocks that this node’s clock has not come to', async () => {
    const database = await freshDatabase();
    databases.push(database);
    const app = await openApplication(database.url, { now: () => beginMs - 3_600_000 });
    open.push(app);
    const client = await AbciClient.open(app.socketPath);
    expect(await offer(client)).to.equal(Offer.ACCEPT);
    expect((await apply(client, chunks[0]!))?.result).to.equal(Apply.REJECT_SNAPSHOT);
    expect(app.lines.join()).to.include('has an impossible time');
  });

  it('is not offered more than the memory holds', async () => {
    const { client } = await start();
    for (const count of [1_025, 10_000]) {
      const metadata = new Uint8Array(32 * count);
      const announced = { chunks: count, metadata, hash: sha256(metadata) };
      expect(await offer(client, announced)).to.equal(Offer.REJECT);
    }
  });

  it('is not taken where the state cannot be read: the block stands all the same', async () => {
    let broken = false;
    const database = await freshDatabase();
    databases.push(database);
    const app = await openApplication(database.url, {
      snapshotInterval: 1,
      around: (store) => ({
        ...store,
        readState: () => {
          if (broken) throw new Error('the connection is gone');
          return store.readState();
        },
      }),
    });
    open.push(app);
    const client = await AbciClient.open(app.socketPath);
    await client.ask({ initChain: initChainOf(testGenesis()) });
    for (const [at, { timeMs, envelopes }] of vectorBlocks(testGenesis()).slice(0, 2).entries()) {
      broken = at === 0;
      await client.ask({ finalizeBlock: decidedBlock(at + 1, timeMs, [...envelopes]) });
      expect((await client.ask({ commit: {} }))?.commit).not.to.equal(undefined);
    }
    expect(app.lines.join()).to.equal('snapshot 1: the connection is gone');
    // The next one is taken: the failure is not remembered.
    let listed: Snapshot[] = [];
    for (let tries = 0; tries < 100 && listed.length === 0; tries += 1) {
      await delay(20);
      listed = (await client.ask({ listSnapshots: {} }))?.listSnapshots?.snapshots ?? [];
    }
    expect(listed.map(({ height }) => height)).to.deep.equal([2n]);
  });

  it('is kept while a peer that was told of it may come for it, and not for ever', async () => {
    const database = await freshDatabase();
    databases.push(database);
    let nowMs = beginMs;
    const app = await openApplication(database.url, { snapshotInterval: 1, now: () => nowMs });
    open.push(app);
    const client = await AbciClient.open(app.socketPath);
    await client.ask({ initChain: initChainOf(testGenesis()) });
    const kept = async (): Promise<number[]> => {
      const names = await readdir(path.join(app.dir, 'snapshots'));
      return names.filter((name) => /^\d+$/.test(name)).map(Number);
    };
    const made = async (from: number, to: number) => {
      for (let height = from; height <= to; height += 1) {
        const timeMs = beginMs + height;
        await client.ask({ finalizeBlock: decidedBlock(height, timeMs, []) });
        await client.ask({ commit: {} });
        for (let tries = 0; tries < 100 && !(await kept()).includes(height); tries += 1) {
          await delay(10);
        }
        await delay(20);
      }
    };
    await made(1, 3);
    expect(await kept()).to.have.members([2, 3]);
    await client.ask({ listSnapshots: {} });
    await made(4, 6);
    expect(await kept()).to.have.members([2, 3, 5, 6]);
    const loadSnapshotChunk = { height: 2n, format: 1, chunk: 0 };
    const answer = await client.ask({ loadSnapshotChunk });
    expect(answer?.loadSnapshotChunk?.chunk.length).to.be.above(0);
    await made(7, 15);
    expect((await kept()).length).to.be.at.most(10);
    nowMs += 61_000;
    await made(16, 16);
    expect(await kept()).to.have.members([15, 16]);
  });

  it('refuses what is no snapshot of this format, and any where a ledger stands', async () => {
    const { client } = await start();
    expect(await offer(client, { format: 2 })).to.equal(Offer.REJECT_FORMAT);
    expect(await offer(client, { hash: new Uint8Array(32) })).to.equal(Offer.REJECT);
    expect(await offer(client, { chunks: 0, metadata: new Uint8Array() })).to.equal(Offer.REJECT);
    expect((await apply(client, chunks[0]!))?.result).to.equal(Apply.ABORT);
    expect(await offer(source.client)).to.equal(Offer.ABORT);
  });
});
