import { expect } from 'chai';
import pg from 'pg';
import { openDataSource } from '../../src/store/data-source.ts';
import { allMigrations } from '../../src/store/migrations.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { codeOf } from './sample-blocks.ts';

describe('store: data source', () => {
  let database: FreshDatabase;
  beforeEach(async () => (database = await freshDatabase()));
  afterEach(() => database.drop());

  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }
  const applied = async (): Promise<unknown> =>
    (await sql('SELECT count(*)::int AS count FROM migration'))[0]?.['count'];

  it('applies every migration once to an empty database, also from several processes', async () => {
    await sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const sources = await Promise.all([1, 2, 3].map(() => openDataSource(database.url)));
    expect(await applied()).to.equal(allMigrations().length);
    await Promise.all(sources.map((source) => source.destroy()));
    await (await openDataSource(database.url)).destroy();
    expect(await applied()).to.equal(allMigrations().length);
  });

  it('keeps nothing of a migration that fails, and says so', async () => {
    await sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE event (x int)');
    expect(await codeOf(openDataSource(database.url))).to.equal('STORE_MIGRATION');
    expect(await applied()).to.equal(2);
    expect(await sql(`SELECT to_regclass('record') AS record`)).to.deep.equal([{ record: null }]);
    await sql('DROP TABLE event');
    await (await openDataSource(database.url)).destroy();
    expect(await applied()).to.equal(allMigrations().length);
  });

  it('refuses a pool of one connection, which waited for itself, and opens with two', async () => {
    expect(await codeOf(openDataSource(database.url, { poolMax: 1 }))).to.equal('STORE_POOL');
    await (await openDataSource(database.url, { poolMax: 2 })).destroy();
  });

  it('goes forward only', async () => {
    const source = await openDataSource(database.url);
    expect(await codeOf(source.undoLastMigration())).to.equal('STORE_FORWARD_ONLY');
    await source.destroy();
  });

  it('says when no database answers, or another encoding does', async () => {
    const nobody = openDataSource('postgresql://ledger:x@127.0.0.1:1/ledger');
    expect(await codeOf(nobody)).to.equal('STORE_UNREACHABLE');
    const name = `${new URL(database.url).pathname.slice(1)}_ascii`;
    await sql(`CREATE DATABASE ${name} ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE_PROVIDER libc
               LOCALE 'C'`);
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    expect(await codeOf(openDataSource(url.href))).to.equal('STORE_ENCODING');
    await sql(`DROP DATABASE ${name} WITH (FORCE)`);
  });
});
