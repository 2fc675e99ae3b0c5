import { expect } from 'chai';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { createBlockReader } from '../../src/store/block-reader.ts';
import { openBlockStore } from '../../src/store/block-store.ts';
import { openDataSource } from '../../src/store/data-source.ts';
import { freshDatabase } from '../support/database.ts';
import { blockOf, codeOf, collect, genesisHead, openStore, stateOf } from './sample-blocks.ts';
import type { OpenStore } from './sample-blocks.ts';

/** Buffers and Uint8Arrays of the same bytes are the same block. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, member: unknown) => {
      if (member instanceof Uint8Array) return toHex(member);
      const json = member as { type?: string; data?: number[] } | null;
      return json?.type === 'Buffer' ? toHex(Uint8Array.from(json.data ?? [])) : member;
    }),
  );

describe('store: block store', () => {
  let open: OpenStore;
  beforeEach(async () => (open = await openStore()));
  afterEach(() => open.close());

  it('gives back genesis, head, blocks, leaves and state as committed', async () => {
    const { store } = open;
    const first = blockOf(1, 0, ['a', 'b', 'c', 'd']);
    const empty = blockOf(2, 4, []);
    const third = blockOf(
      3,
      4,
      Array.from({ length: 2_500 }, (_, at) => ({ at })),
    );
    const fourth = blockOf(4, 2_504, ['z']);
    await store.commit(first, stateOf(1, 3));
    await store.commit(empty, []);
    await store.commit(third, [{ key: 'k/000001', value: null }]);
    await store.commit(fourth, [{ key: '数据', value: Uint8Array.of(0, 255) }]);
    expect(toHex((await store.readGenesis()) ?? new Uint8Array())).to.equal(
      toHex(utf8('genesis document')),
    );
    expect(await store.readHead()).to.deep.equal({
      height: 4,
      timeMs: fourth.timeMs,
      appHash: fourth.appHash,
      headerHash: fourth.headerHash,
      logSize: 2_505,
    });
    expect(plain(await collect(store.readBlocks(1, 99)))).to.deep.equal(
      plain([first, empty, third, fourth]),
    );
    expect(plain(await collect(store.readBlocks(2, 3)))).to.deep.equal(plain([empty, third]));
    expect(await collect(store.readBlocks(5, 9))).to.deep.equal([]);
    expect((await collect(store.readLeaves(2_503))).map((leaf) => leaf.logIndex)).to.deep.equal([
      2_503, 2_504,
    ]);
    expect(plain(await collect(store.readState()))).to.deep.equal(
      plain([
        { key: 'k/000000', value: utf8('value 0 at 1') },
        { key: 'k/000002', value: utf8('value 2 at 1') },
        { key: '数据', value: Uint8Array.of(0, 255) },
      ]),
    );
  });

  it('reads state in byte order of the keys', async () => {
    const keys = ['a', 'B', 'é', 'z', 'Z', '中', '\u{1f600}', '\uffee', 'a/1', 'a-1'];
    await open.store.commit(
      blockOf(1, 0, []),
      keys.map((key) => ({ key, value: utf8(key) })),
    );
    const read = (await collect(open.store.readState())).map(({ key }) => key);
    expect(read).to.deep.equal(keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('frees its connection when a reader stops early', async () => {
    await open.store.commit(blockOf(1, 0, []), stateOf(1, 5_000));
    for (let round = 0; round < 40; round += 1) {
      for await (const { key } of open.store.readState()) if (key !== '') break;
    }
    expect((await open.store.readHead())?.height).to.equal(1);
  });

  it('refuses a block that is not the next, and writes nothing of it', async () => {
    const { store } = open;
    await store.commit(blockOf(1, 0, ['a']), stateOf(1, 2));
    expect(await codeOf(store.commit(blockOf(1, 0, ['b']), stateOf(9, 2)))).to.equal(
      'STORE_FENCED',
    );
    expect(await codeOf(store.commit(blockOf(3, 1, ['b']), stateOf(9, 2)))).to.equal(
      'STORE_FENCED',
    );
    expect(await codeOf(store.commit(blockOf(2, 5, ['b']), stateOf(9, 2)))).to.equal(
      'STORE_FENCED',
    );
    expect((await store.readHead())?.height).to.equal(1);
    expect(await collect(store.readLeaves(0))).to.have.length(1);
    const [row] = await collect(store.readState());
    expect(Buffer.from(row?.value ?? []).toString()).to.equal('value 0 at 1');
    await store.commit(blockOf(2, 1, ['b']), []);
  });

  it('rolls all of a block back when one of its rows cannot be written', async () => {
    const { store, dataSource } = open;
    await dataSource.query('ALTER TABLE state ADD CHECK (octet_length(value) < 1000)');
    const large = [{ key: 'large', value: new Uint8Array(2_000) }];
    expect(await codeOf(store.commit(blockOf(1, 0, ['a']), large))).to.equal('STORE_WRITE');
    expect((await store.readHead())?.height).to.equal(0);
    expect(await collect(store.readLeaves(0))).to.deep.equal([]);
  });

  it('begins once', async () => {
    const again = open.store.begin(utf8('another'), genesisHead, []);
    expect(await codeOf(again)).to.equal('STORE_BEGUN');
  });

  it('holds no genesis and no head before it begins', async () => {
    const { url, drop } = await freshDatabase();
    const dataSource = await openDataSource(url);
    const reader = createBlockReader(dataSource);
    expect([await reader.readGenesis(), await reader.readHead()]).to.deep.equal([null, null]);
    expect(await collect(reader.readBlocks(1, 9))).to.deep.equal([]);
    await dataSource.destroy();
    await drop();
  });

  it('refuses keys written twice, keys that are not text, and leaves out of order', async () => {
    const { store } = open;
    const value = utf8('v');
    const bad = [
      [
        { key: 'a', value },
        { key: 'a', value: null },
      ],
      [{ key: 'a\0b', value }],
      [{ key: 'a\ud800', value }],
    ];
    for (const writes of bad) {
      expect(await codeOf(store.commit(blockOf(1, 0, []), writes))).to.match(/InvariantError/);
    }
    const block = blockOf(1, 0, ['a', 'b']);
    const swapped = { ...block, leaves: [...block.leaves].reverse() };
    expect(await codeOf(store.commit(swapped, []))).to.match(/InvariantError/);
    const short = { ...block, appHash: 'abcd' };
    expect(await codeOf(store.commit(short, []))).to.match(/InvariantError/);
    expect((await store.readHead())?.height).to.equal(0);
  });

  it('keeps details that hold what PostgreSQL cannot', async () => {
    const block = blockOf(1, 0, ['a']);
    const [envelope] = block.envelopes;
    await open.store.commit(
      { ...block, envelopes: [{ ...envelope!, detail: 'nul \0 and half \ud83d' }] },
      [],
    );
    const [read] = await collect(open.store.readBlocks(1, 1));
    expect(read?.envelopes[0]?.detail).to.equal('nul \ufffd and half \ufffd');
  });

  it('has one writer: a second is refused until the first gives up', async () => {
    const { url, dataSource, store } = open;
    const second = openBlockStore({ dataSource, url, lockWaitMs: 100 });
    expect(await codeOf(second)).to.equal('STORE_LOCKED');
    const waiting = openBlockStore({ dataSource, url });
    await store.close();
    const successor = await waiting;
    await successor.commit(blockOf(1, 0, []), []);
    await successor.close();
  });

  it('refuses to write once the connection that holds the lock is lost', async () => {
    const { store, dataSource, url } = open;
    await dataSource.query(`
      SELECT pg_terminate_backend(pid) FROM pg_locks
      WHERE locktype = 'advisory' AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())`);
    for (let waited = 0; waited < 100; waited += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      if ((await codeOf(store.commit(blockOf(9, 0, []), []))) === 'STORE_LOCK_LOST') break;
    }
    expect(await codeOf(store.commit(blockOf(1, 0, []), []))).to.equal('STORE_LOCK_LOST');
    const successor = await openBlockStore({ dataSource, url });
    await successor.commit(blockOf(1, 0, []), []);
    await successor.close();
  });
});
