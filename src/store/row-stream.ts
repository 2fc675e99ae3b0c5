import { once } from 'node:events';
import type { PoolClient } from 'pg';
import QueryStream from 'pg-query-stream';
import type { DataSource } from 'typeorm';

const rowsPerFetch = 500;

/**
 * Rows of a query through a server-side cursor: memory stays at a few hundred rows however many
 * there are. Holds one connection of the pool until the loop over it ends, is broken or throws.
 */
export async function* streamRows<Row>(
  dataSource: DataSource,
  sql: string,
  values: readonly unknown[],
): AsyncGenerator<Row, void, undefined> {
  const runner = dataSource.createQueryRunner();
  try {
    const client = (await runner.connect()) as PoolClient;
    const rows = client.query(
      new QueryStream(sql, [...values], { batchSize: rowsPerFetch, highWaterMark: rowsPerFetch }),
    );
    const closed = once(rows, 'close');
    try {
      for await (const row of rows) yield row as Row;
    } finally {
      rows.destroy();
      // The connection is busy until its cursor is closed; a failure has shown in the loop.
      await closed.catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}
