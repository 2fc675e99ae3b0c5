import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { openBlockStore, type OpenBlockStore } from '../../src/store/block-store.ts';
import { openDataSource, openReadSource } from '../../src/store/data-source.ts';
import { databaseTrouble } from '../../src/store/database-trouble.ts';
import { createLedgerReader } from '../../src/store/ledger-reader.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { blockOf, genesisHead, stateOf } from './sample-blocks.ts';

const limits = { waitMsMax: 1_000, statementMsMax: 2_000 };

describe('the pool of readers', function () {
  let database: FreshDatabase;
  let own: DataSource;
  let reads: DataSource;
  let store: OpenBlockStore;

  before(async () => {
    database = await freshDatabase();
    own = await openDataSource(database.url, { poolMax: 2 });
    store = await openBlockStore({ dataSource: own, url: database.url });
    await store.begin(new Uint8Array([1]), genesisHead, []);
    for (let height = 1; height <= 3; height += 1) {
      const rows = Array.from({ length: 20 }, (_, at) => ({ height, at }));
      await store.commit(blockOf(height, (height - 1) * 20, rows), stateOf(height, 20));
    }
  });
  beforeEach(async () => {
    reads = await openReadSource(database.url, 2, limits);
  });
  afterEach(() => reads.destroy());
  after(async () => {
    await store.close();
    await own.destroy();
    await database.drop();
  });

  const troubleOf = (work: Promise<unknown>): Promise<string | null> =>
    work.then(
      () => 'none',
      (error: unknown) => databaseTrouble(error),
    );

  it('lets nobody wait for ever, and keeps no block waiting', async () => {
    const sleepers = [1, 2].map(() => troubleOf(reads.query('SELECT pg_sleep(60)')));
    const late = troubleOf(reads.query('SELECT 1'));
    const rows = Array.from({ length: 20 }, (_, at) => ({ height: 4, at }));
    await store.commit(blockOf(4, 60, rows), stateOf(4, 20));
    expect(await late).to.match(/^No connection to the database came free/);
    for (const sleeper of await Promise.all(sleepers)) {
      expect(sleeper).to.match(/^The database has not answered within the time/);
    }
    expect(await reads.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('gives up a connection on which the database is silent, and goes on with another', async function () {
    if (process.env['DATABASE_URL'] !== undefined) this.skip(); // Its processes are elsewhere.
    const [{ pid }] = await reads.query<[{ pid: number }]>('SELECT pg_backend_pid() AS pid');
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await troubleOf(reads.query('SELECT 1'))).to.match(/silent \(no answer for 3000 ms\)/);
      expect(await reads.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('calls a server that is gone away, and a wrong statement a fault', async () => {
    const killer = new pg.Client({ connectionString: database.url });
    await killer.connect();
    const patient = await openReadSource(database.url, 2, {
      waitMsMax: 60_000,
      statementMsMax: 60_000,
    });
    const work = troubleOf(patient.query('SELECT pg_sleep(60)'));
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)'`;
    while ((await killer.query(kill)).rowCount === 0) await delay(10);
    await killer.end();
    expect(await work).to.match(/^The database is away/);
    expect(await troubleOf(reads.query('SELECT nonsense'))).to.equal(null);
    await patient.destroy();
    expect(databaseTrouble(new TypeError('a fault'))).to.equal(null);
    expect(databaseTrouble(undefined)).to.equal(null);
  });

  it('has every connection free while readers of leaves stand still', async () => {
    const reader = createLedgerReader(reads);
    const idle = Array.from({ length: 6 }, () =>
      reader.streamLeaves(0, 60)[Symbol.asyncIterator](),
    );
    for (const stream of idle) expect((await stream.next()).done).to.equal(false);
    expect((await reader.readLeaves([0])).size).to.equal(1);
    const all: Uint8Array[] = [];
    for await (const leaf of reader.streamLeaves(0, 60)) all.push(leaf);
    const byIndex = await reader.readLeaves([...all.keys()]);
    expect(all).to.have.length(60);
    expect(all).to.deep.equal([...all.keys()].map((at) => byIndex.get(at)));
  });

  it('tells the store of its lost place', async () => {
    const other = await freshDatabase();
    const source = await openDataSource(other.url, { poolMax: 2 });
    const writer = await openBlockStore({ dataSource: source, url: other.url });
    await source.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'data-exchange-ledger writer'`,
    );
    expect(await writer.lost).to.match(/terminat/);
    await writer.close();
    await source.destroy();
    await other.drop();
  });
});
