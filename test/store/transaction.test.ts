import { expect } from 'chai';
import pg from 'pg';
import { inTransaction } from '../../src/store/transaction.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { codeOf } from './sample-blocks.ts';

const held = () => new Int32Array(new SharedArrayBuffer(4));

describe('store: a transaction', () => {
  let database: FreshDatabase;
  let client: pg.Client;
  before(async () => {
    database = await freshDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('CREATE TABLE written (word text)');
  });
  after(async () => {
    await client.end();
    await database.drop();
  });

  const connect = async (): Promise<pg.Client> => client;
  const write = (word: string) => client.query('INSERT INTO written VALUES ($1)', [word]);
  const words = async (): Promise<string[]> =>
    (await client.query<{ word: string }>('SELECT word FROM written')).rows.map(({ word }) => word);

  it('is there when it resolves', async () => {
    await inTransaction(connect, held(), async () => {
      await write('kept');
    });
    expect(await words()).to.deep.equal(['kept']);
  });

  it('never resolves where the server made a rollback of its COMMIT', async () => {
    // A statement that failed unseen: COMMIT then rolls back, and the driver calls that a success.
    const lost = inTransaction(connect, held(), async () => {
      await write('lost');
      await client.query('SELECT 1 / 0').catch(() => undefined);
    });
    expect(await codeOf(lost)).to.equal('STORE_WRITE');
    expect(await words()).to.deep.equal(['kept']);
  });

  it('is not committed once the writer’s lock is lost under way', async () => {
    const flag = held();
    const late = inTransaction(connect, flag, async () => {
      await write('late');
      Atomics.store(flag, 0, 1);
    });
    expect(await codeOf(late)).to.equal('STORE_LOCK_LOST');
    expect(await words()).to.deep.equal(['kept']);
  });
});
