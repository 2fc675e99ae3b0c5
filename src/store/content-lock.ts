import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { withPooled } from './pooled.ts';

const lockName = 'content that is kept';

/** Whoever begins to need content: it is not removed meanwhile. Until the transaction ends. */
export async function shareContentLock(client: ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [lockName]);
}

/**
 * What `work` finds of who needs content stays so until it has ended: nobody begins to need any
 * meanwhile, so keep it short. In one transaction.
 */
export const whileNobodyClaims = <Value>(
  dataSource: DataSource,
  work: (client: ClientBase) => Promise<Value>,
): Promise<Value> =>
  inTransaction(dataSource, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lockName]);
    return work(client);
  });

export const inTransaction = <Value>(
  dataSource: DataSource,
  work: (client: ClientBase) => Promise<Value>,
): Promise<Value> =>
  withPooled(dataSource, async (connect) => {
    const client = await connect();
    await client.query('BEGIN');
    try {
      const value = await work(client);
      await client.query('COMMIT');
      return value;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  });
