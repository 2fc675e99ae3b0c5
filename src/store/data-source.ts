import { DataSource, type Logger } from 'typeorm';
import { OperationalError } from '../base/operational-error.ts';
import { IdempotentRequestEntity } from './idempotency-store.ts';
import { impatientClient } from './impatient-client.ts';
import { allMigrations } from './migrations.ts';
import { UsedNonceEntity } from './nonce-store.ts';

export interface DataSourceOptions {
  /** Connections at most, two or more; the embedded server has 200 for all of its clients. */
  readonly poolMax?: number;
}

/** What keeps one reader from keeping others waiting for ever. */
export interface ReadLimits {
  /** For a connection of the pool. */
  readonly waitMsMax: number;
  /** For one statement: the database ends it, and where the database is silent we give it up. */
  readonly statementMsMax: number;
}

export const usualReadLimits: ReadLimits = { waitMsMax: 3_000, statementMsMax: 10_000 };

/** TypeORM prints failed migrations whatever its settings say; ours are thrown instead. */
const silent: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

const versionMin = 150_000;
/** A migration runs on one while another holds the lock; streams of rows hold theirs as well. */
const poolMin = 2;
/** Advisory lock that lets one process migrate at a time. */
const migrationLock = 0x44584c01;

/**
 * Opens the database and brings its schema up to date; a second process doing the same waits for
 * the first. The caller ends it with `destroy()`. Throws OperationalError STORE_UNREACHABLE,
 * STORE_POOL, STORE_VERSION, STORE_ENCODING or STORE_MIGRATION.
 */
export async function openDataSource(
  url: string,
  options: DataSourceOptions = {},
): Promise<DataSource> {
  const { poolMax = 16 } = options;
  if (poolMax < poolMin) {
    throw new OperationalError(
      'STORE_POOL',
      `A pool of ${poolMax} connections would wait for itself: give it ${poolMin} or more.`,
    );
  }
  const dataSource = await connect(url, 'data-exchange-ledger', { max: poolMax });
  try {
    await checkServer(dataSource);
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/**
 * Opens a database that is up to date for readers: for the API, whose requests come from anybody. A
 * request waits for a bounded time, for its connection and for its statement, and fails then;
 * `databaseTrouble` knows those failures. Throws OperationalError STORE_UNREACHABLE.
 */
export function openReadSource(
  url: string,
  poolMax: number,
  { waitMsMax, statementMsMax }: ReadLimits = usualReadLimits,
): Promise<DataSource> {
  return connect(url, 'data-exchange-ledger reads', {
    max: poolMax,
    connectionTimeoutMillis: waitMsMax,
    statement_timeout: statementMsMax,
    Client: impatientClient(statementMsMax + waitMsMax),
  });
}

async function connect(url: string, applicationName: string, extra: object): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [UsedNonceEntity, IdempotentRequestEntity],
    migrations: allMigrations(),
    migrationsTransactionMode: 'each',
    migrationsTableName: 'migration',
    synchronize: false,
    logger: silent,
    installExtensions: false,
    applicationName,
    extra,
    // A pooled connection that dies is replaced; its query, if any, fails by itself.
    poolErrorHandler: () => undefined,
  });
  try {
    await dataSource.initialize();
  } catch (cause) {
    throw new OperationalError(
      'STORE_UNREACHABLE',
      `The database does not answer (${describe(cause)}). Start it, or correct DATABASE_URL.`,
      { cause },
    );
  }
  return dataSource;
}

/** Node's connection failures may be an AggregateError, whose own message is empty. */
function describe(cause: unknown): string {
  const { message, code } = cause as { message?: string; code?: string };
  return message === undefined || message === '' ? (code ?? 'no reason given') : message;
}

async function checkServer(dataSource: DataSource): Promise<void> {
  const [server] = await dataSource.query<{ version: number; encoding: string; text: string }[]>(
    `SELECT current_setting('server_version_num')::int AS version,
            current_setting('server_version') AS text,
            current_setting('server_encoding') AS encoding`,
  );
  if ((server?.version ?? 0) < versionMin) {
    throw new OperationalError(
      'STORE_VERSION',
      `The database is PostgreSQL ${server?.text}; the ledger needs 15 or later.`,
    );
  }
  if (server?.encoding !== 'UTF8') {
    throw new OperationalError(
      'STORE_ENCODING',
      `The database is encoded in ${server?.encoding}: create one with ENCODING 'UTF8'.`,
    );
  }
}

async function migrate(dataSource: DataSource): Promise<void> {
  const guard = dataSource.createQueryRunner();
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await dataSource.runMigrations();
  } catch (cause) {
    throw new OperationalError(
      'STORE_MIGRATION',
      `The database could not be brought up to date (${describe(cause)}). Its user must own the ` +
        'database; nothing of the failed step was kept.',
      { cause },
    );
  } finally {
    await guard.query('SELECT pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    await guard.release();
  }
}
