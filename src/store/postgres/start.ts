import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { OperationalError } from '../../base/operational-error.ts';
import { ensureCluster, readCluster, roleName, type Cluster } from './cluster.ts';
import { prepareNative } from './native.ts';
import { preparePlace } from './place.ts';
import {
  findPostmaster,
  launch,
  startMsMax,
  stopPostmaster,
  untilReady,
  type Launch,
  type Postmaster,
} from './postmaster.ts';
import { clusterOwner, findServerAccount } from './server-account.ts';
import { withStartLock } from './start-lock.ts';

export interface StartOptions {
  /** Folder of this exchange alone; made where absent. */
  readonly dataDir: string;
  /** Told, in one line each, what is done. Never told the password. */
  readonly log: (line: string) => void;
}

export interface RunningPostgres {
  /** Holds the password: it is not for logs. */
  readonly url: string;
  /** Of the server, for instance 18.4. */
  readonly version: string;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** True where a server that was already running on this folder was taken over. */
  readonly adopted: boolean;
  /** Fast shutdown; close your connections first. A second call does nothing. */
  stop(): Promise<void>;
}

const databaseName = 'ledger';

/**
 * The address of a server that another process runs on this data folder, once it answers; null where
 * none does. Makes, starts and stops nothing, so a node beside it may end its server at any moment.
 */
export async function joinPostgres(dataDir: string): Promise<string | null> {
  const place = await realpath(dataDir).catch(() => null);
  const name = place && (await readdir(place)).find((entry) => /^pg\d+$/.test(entry));
  if (place === null || !name) return null;
  const cluster = await readCluster(path.join(place, name));
  const running = await findPostmaster(cluster.folder);
  const found = running && (await untilReady(cluster.folder, running.pid));
  if (!found || (await greet(cluster, found)) === null) return null;
  return urlOf(cluster, found, databaseName);
}

/**
 * The PostgreSQL of one data folder, running: made, started or adopted as needed (0.7 s from
 * nothing, 0.1 s for a restart). If this process is killed the server lives on, and the next start
 * adopts it. Throws OperationalError POSTGRES_*, each with its remedy.
 */
export async function startPostgres(options: StartOptions): Promise<RunningPostgres> {
  const usual = await findServerAccount();
  const place = await preparePlace(options.dataDir, usual);
  const account = usual === null ? null : ((await clusterOwner(place)) ?? usual);
  if (place !== path.resolve(options.dataDir)) {
    options.log(`database folder: ${place} (${options.dataDir} is a link to it)`);
  }
  return withStartLock(place, async () => {
    const native = await prepareNative(place, account);
    const cluster = await ensureCluster(place, native, account);
    const log = path.join(place, 'postgres.log');
    return bringUp(cluster, { cluster: cluster.folder, native, account, log }, options.log);
  });
}

async function bringUp(
  cluster: Cluster,
  how: Launch,
  log: StartOptions['log'],
): Promise<RunningPostgres> {
  const givesUpAt = Date.now() + startMsMax;
  while (Date.now() < givesUpAt) {
    const running = await findPostmaster(cluster.folder);
    const found = running ? await untilReady(cluster.folder, running.pid) : await launch(how);
    if (found === null) continue;
    const version = await greet(cluster, found);
    if (version === null) {
      await delay(50); // It was on its way down when we met it.
      continue;
    }
    const adopted = running !== null;
    log(`PostgreSQL ${version} ${adopted ? 'adopted' : 'started'} on port ${found.port}`);
    return {
      url: urlOf(cluster, found, databaseName),
      version,
      pid: found.pid,
      adopted,
      stop: () => stopPostmaster(cluster.folder, found.pid),
    };
  }
  throw new OperationalError(
    'POSTGRES_START_TIMEOUT',
    `PostgreSQL does not come up on ${cluster.folder}. Read ${how.log}, or set DATABASE_URL.`,
  );
}

const urlOf = (cluster: Cluster, found: Postmaster, database: string): string =>
  `postgresql://${roleName}:${cluster.password}@127.0.0.1:${found.port}/${database}`;

/** Makes sure that our server answers there, and of its database. Null where nobody answers. */
async function greet(cluster: Cluster, found: Postmaster): Promise<string | null> {
  const client = new pg.Client({ connectionString: urlOf(cluster, found, 'postgres') });
  client.on('error', () => undefined); // A connection that dies shows in its query.
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; present: boolean }>(
      `SELECT current_setting('server_version') AS version,
              EXISTS (SELECT FROM pg_database WHERE datname = $1) AS present`,
      [databaseName],
    );
    if (rows[0]?.present === false) await client.query(`CREATE DATABASE ${databaseName}`);
    return rows[0]?.version ?? null;
  } catch (cause) {
    if (isGoingOrGone(cause)) return null;
    throw new OperationalError(
      'POSTGRES_FOREIGN',
      `What answers on port ${found.port} is not the database of ${cluster.folder} ` +
        `(${(cause as Error).message}). Stop process ${found.pid}, or delete its postmaster.pid.`,
      { cause },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** 57P01 to 57P03: shut down, crashed, or starting. */
function isGoingOrGone(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined && /^57P0[1-3]$|^ECONN|^EPIPE$/.test(code)) return true;
  return message !== undefined && /Connection terminated|AggregateError/.test(message);
}
