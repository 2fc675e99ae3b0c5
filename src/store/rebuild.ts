import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { assert } from '../base/assert.ts';
import { OperationalError } from '../base/operational-error.ts';
import { applyBatch, applyNext } from './apply-leaves.ts';
import { safeInteger } from './columns.ts';
import { withPooled } from './pooled.ts';
import type { DecodeLeaf, ProjectionCursor } from './projected-leaf.ts';

export interface RebuildOptions {
  readonly dataSource: DataSource;
  /** Of the same database: the lock of the rebuild has a connection of its own. */
  readonly url: string;
  readonly decode: DecodeLeaf;
  /** Told the leaves applied and those of the log, after each batch. */
  readonly onProgress?: (done: ProjectionCursor, logSize: number) => void;
}

/** The tables that follow from the log, beside their cursor. */
const tables = ['record', 'event'] as const;
const schema = 'rebuild';
const rebuildLock = 0x44584c03;
/** What a busy node may have added meanwhile is applied while readers wait: a part of a second. */
const leavesLeftMax = 1_000;

/**
 * Makes every read model anew from the log in tables of their own, then puts these in the place of
 * the old ones in one transaction: readers see the old or the new, never something between. A
 * running node goes on meanwhile. Cut off at any moment it has changed nothing; the next one begins
 * anew. Throws OperationalError REBUILD_RUNNING.
 */
export async function rebuildReadModels(options: RebuildOptions): Promise<ProjectionCursor> {
  const lock = await takeLock(options.url);
  try {
    const { dataSource, decode, onProgress } = options;
    await makeTables(dataSource);
    for (;;) {
      const { cursor, moved } = await withPooled(dataSource, async (connect) =>
        applyBatch(await connect(), decode, schema),
      );
      const logSize = await readLogSize(dataSource);
      onProgress?.(cursor, logSize);
      if (!moved || logSize - cursor.logIndex < leavesLeftMax) {
        return await exchange(dataSource, decode);
      }
    }
  } finally {
    await lock.end();
  }
}

async function takeLock(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'dxl rebuild' });
  client.on('error', () => undefined); // The work itself then fails, or ends without it.
  await client.connect();
  const { rows } = await client.query<{ held: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS held',
    [rebuildLock],
  );
  if (rows[0]?.held === true) return client;
  await client.end();
  throw new OperationalError(
    'REBUILD_RUNNING',
    'Another `dxl rebuild` works on this database. Wait for its end.',
  );
}

/** Copies of the tables in use, whatever migrations have made of them, with all of their indexes. */
async function makeTables(dataSource: DataSource): Promise<void> {
  await dataSource.transaction(async ({ queryRunner: runner }) => {
    assert(runner, 'a transaction has a query runner');
    await runner.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await runner.query(`CREATE SCHEMA ${schema}`);
    for (const table of [...tables, 'projection_cursor']) {
      const like = 'INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING STORAGE';
      await runner.query(`CREATE TABLE ${schema}.${table} (LIKE public.${table} ${like})`);
      // By definition, for an index copied by LIKE would get another name.
      const found = (await runner.query(
        `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
         WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'x')`,
        [`public.${table}`],
      )) as { name: string; definition: string }[];
      for (const { name, definition } of found) {
        await runner.query(`ALTER TABLE ${schema}.${table} ADD CONSTRAINT ${name} ${definition}`);
      }
      const indexes = (await runner.query(
        `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = $1
           AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = $2::regclass)`,
        [table, `public.${table}`],
      )) as { indexdef: string }[];
      for (const { indexdef } of indexes) {
        await runner.query(indexdef.replace(` ON public.${table} `, ` ON ${schema}.${table} `));
      }
    }
    await runner.query(`INSERT INTO ${schema}.projection_cursor (log_index, height) VALUES (0, 0)`);
  });
}

async function readLogSize(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ log_size: string }[]>('SELECT log_size FROM head');
  return safeInteger(row?.log_size ?? 0);
}

async function readHeight(runner: QueryRunner): Promise<number> {
  const [row] = (await runner.query(`SELECT height FROM public.projection_cursor`)) as {
    height: string;
  }[];
  return safeInteger(row?.height ?? 0);
}

/** A node may have gone on since the last batch: readers are never shown less than they have seen. */
async function exchange(dataSource: DataSource, decode: DecodeLeaf): Promise<ProjectionCursor> {
  return dataSource.transaction('READ COMMITTED', async ({ queryRunner: runner }) => {
    assert(runner, 'a transaction has a query runner');
    // In the order in which projections and readers take them, so that nobody waits in a circle.
    for (const table of ['projection_cursor', 'event', 'record']) {
      await runner.query(`LOCK TABLE public.${table} IN ACCESS EXCLUSIVE MODE`);
    }
    await runner.query(`SET LOCAL search_path TO ${schema}, public`);
    const shown = await readHeight(runner);
    const client = (await runner.connect()) as pg.ClientBase;
    for (;;) {
      const { cursor, moved } = await applyNext(client, decode);
      if (moved && cursor.height < shown) continue;
      for (const table of [...tables, 'projection_cursor']) {
        await runner.query(`DROP TABLE public.${table}`);
        await runner.query(`ALTER TABLE ${schema}.${table} SET SCHEMA public`);
      }
      await runner.query(`DROP SCHEMA ${schema}`);
      return cursor;
    }
  });
}
