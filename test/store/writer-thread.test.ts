import { expect } from 'chai';
import { toHex } from '../../src/base/bytes.ts';
import { blockOf, codeOf, collect, openStore, stateOf, type OpenStore } from './sample-blocks.ts';

/** Leaves from which on a block is written by the thread. */
const large = 600;

const rows = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('store: large blocks, written by a thread', () => {
  let open: OpenStore;
  beforeEach(async () => (open = await openStore()));
  afterEach(() => open.close());

  const writerConnections = async (): Promise<number> => {
    const found = await open.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'data-exchange-ledger blocks'`,
    );
    return found[0]?.count ?? 0;
  };

  it('are what small ones are, in whatever turn they come', async () => {
    const { store } = open;
    const sizes = [3, large, 1, large, large, 2];
    let logSize = 0;
    const blocks = sizes.map((size, at) => {
      const block = blockOf(at + 1, logSize, rows(size));
      logSize = block.logSize;
      return block;
    });
    for (const [at, block] of blocks.entries()) {
      await store.commit(block, stateOf(at + 1, sizes[at] ?? 0));
    }
    const read = await collect(store.readBlocks(1, 9));
    expect(read.map(({ leaves }) => leaves.length)).to.deep.equal(sizes);
    for (const [at, { envelopes, leaves, header }] of read.entries()) {
      const sent = blocks[at];
      expect(toHex(header)).to.equal(toHex(sent?.header ?? header.subarray(1)));
      expect(envelopes.map(({ id }) => id)).to.deep.equal(sent?.envelopes.map(({ id }) => id));
      expect(leaves.map(({ bytes }) => toHex(bytes))).to.deep.equal(
        sent?.leaves.map(({ bytes }) => toHex(bytes)),
      );
    }
    const state = await collect(store.readState());
    expect(state).to.have.length(large);
    expect(toHex(state.at(-1)?.value ?? new Uint8Array())).to.equal(
      toHex(stateOf(5, large).at(-1)?.value ?? new Uint8Array(1)),
    );
    expect(await writerConnections()).to.equal(1);
  });

  it('are fenced like small ones, and the next one of its turn is written', async () => {
    const { store } = open;
    expect(await codeOf(store.commit(blockOf(2, 0, rows(large)), []))).to.equal('STORE_FENCED');
    expect((await store.readHead())?.height).to.equal(0);
    await store.commit(blockOf(1, 0, rows(large)), []);
    expect((await store.readHead())?.logSize).to.equal(large);
  });

  it('need a new connection where theirs was ended, and nothing of a block stays behind', async () => {
    const { store, dataSource } = open;
    await store.commit(blockOf(1, 0, rows(large)), []);
    await dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'data-exchange-ledger blocks'`,
    );
    // Ended under way or between two blocks: a block is there whole or not at all.
    const second = blockOf(2, large, rows(large));
    const first = await codeOf(store.commit(second, []));
    expect(first).to.be.oneOf(['resolved undefined', 'STORE_WRITE']);
    if (first === 'STORE_WRITE') {
      expect((await store.readHead())?.height).to.equal(1);
      await store.commit(second, []);
    }
    expect((await store.readHead())?.height).to.equal(2);
  });

  it('are refused once the connection that holds the writer’s lock is lost', async () => {
    const { store, dataSource } = open;
    await store.commit(blockOf(1, 0, rows(large)), []);
    await dataSource.query(`
      SELECT pg_terminate_backend(pid) FROM pg_locks
      WHERE locktype = 'advisory' AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())`);
    const wrong = blockOf(9, large, rows(large));
    for (let waited = 0; waited < 100; waited += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      if ((await codeOf(store.commit(wrong, []))) === 'STORE_LOCK_LOST') break;
    }
    const next = store.commit(blockOf(2, large, rows(large)), []);
    expect(await codeOf(next)).to.equal('STORE_LOCK_LOST');
    expect((await store.readHead())?.height).to.equal(1);
  });
});
