import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openDataSource } from '../../src/store/data-source.ts';
import { startPostgres, type RunningPostgres } from '../../src/store/postgres/start.ts';

/**
 * One server for the whole test run, and for any other run on this checkout at the same time.
 * Every run holds `inUse` shared; who can take it exclusively is alone, and may sweep and stop.
 */
interface TestServer {
  readonly admin: pg.Client;
  readonly url: string;
  readonly base: string;
  /** Null where another process started the server, or DATABASE_URL names it: not ours to stop. */
  readonly embedded: RunningPostgres | null;
}

export interface FreshDatabase {
  readonly url: string;
  /** Ends what is still connected. */
  readonly drop: () => Promise<void>;
}

const inUse = 0x44584cf0;
const makingBase = 0x44584cf1;
const attempts = 5;
/** Where the process that runs all tests tells the others of its server. */
export const serverVariable = 'DXL_TEST_SERVER_URL';

let server: Promise<TestServer> | null = null;
let made = 0;

/** An empty, migrated database of its own, in 30 to 80 ms. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { admin, url, base } = await joinTestServer();
  made += 1;
  const name = `test_${process.pid}_${made}_${randomBytes(3).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${base}`);
  return {
    url: databaseUrl(url, name),
    drop: async () => {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** The server, started unless it runs; kept until `leaveTestServer`. */
export const joinTestServer = (): Promise<TestServer> => (server ??= start());

/** Stops the server unless another run still uses it. */
export async function leaveTestServer(): Promise<void> {
  if (server === null) return;
  const { admin, embedded } = await server;
  server = null;
  await admin.query('SELECT pg_advisory_unlock_shared($1)', [inUse]);
  const alone = await tryAlone(admin);
  await admin.end();
  if (alone) await embedded?.stop();
}

async function start(): Promise<TestServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce();
    } catch (error) {
      // Another run may have stopped the server just as this one adopted it.
      if (attempt === attempts) throw error;
    }
  }
}

async function startOnce(): Promise<TestServer> {
  const external = process.env[serverVariable] ?? process.env['DATABASE_URL'];
  const dataDir = fileURLToPath(new URL('../../.data/test/postgres', import.meta.url));
  const embedded =
    external === undefined ? await startPostgres({ dataDir, log: () => undefined }) : null;
  const url = external ?? embedded?.url ?? '';
  const admin = new pg.Client({ connectionString: url });
  admin.on('error', () => undefined); // A dead server shows in the next query.
  await admin.connect();
  try {
    if (await tryAlone(admin)) await sweep(admin);
    await admin.query('SELECT pg_advisory_lock_shared($1)', [inUse]);
    await admin.query('SELECT pg_advisory_unlock($1)', [inUse]);
    return { admin, url, base: await ensureBase(admin, url), embedded };
  } catch (error) {
    await admin.end();
    throw error;
  }
}

async function tryAlone(admin: pg.Client): Promise<boolean> {
  const { rows } = await admin.query<{ alone: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS alone',
    [inUse],
  );
  return rows[0]?.alone === true;
}

/** Databases that killed runs have left. */
async function sweep(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+_[0-9]+_[0-9a-f]{6}$'`,
  );
  for (const { datname } of rows) {
    await admin.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  }
}

/** The template: named by the migrations, so that a changed migration makes a new one. */
async function ensureBase(admin: pg.Client, url: string): Promise<string> {
  const base = `base_${migrationsDigest()}`;
  await admin.query('SELECT pg_advisory_lock($1)', [makingBase]);
  try {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [base]);
    if (rowCount === 1) return base;
    const unfinished = `${base}_unfinished`;
    await admin.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`);
    await (await openDataSource(databaseUrl(url, unfinished), { poolMax: 2 })).destroy();
    await admin.query(`ALTER DATABASE ${unfinished} RENAME TO ${base}`);
    return base;
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [makingBase]);
  }
}

function migrationsDigest(): string {
  const folder = new URL('../../migrations/', import.meta.url);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}

function databaseUrl(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
