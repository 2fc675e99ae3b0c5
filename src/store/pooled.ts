import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * What `work` does on a connection of the pool, which it has until it ends. The driver's own
 * connection: TypeORM's transactions take three round trips more, and COPY is not among its
 * statements.
 */
export async function withPooled<Value>(
  dataSource: DataSource,
  work: (connect: () => Promise<ClientBase>) => Promise<Value>,
): Promise<Value> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work(async () => (await runner.connect()) as ClientBase);
  } finally {
    await runner.release().catch(() => undefined);
  }
}
