import { spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../../base/operational-error.ts';
import { isAlive } from '../../disk/is-alive.ts';
import { serverEnvironment } from './cluster.ts';
import { explainFailure } from './failure.ts';
import type { NativePostgres } from './native.ts';
import { mayBePostmaster } from './process-check.ts';
import type { ServerAccount } from './server-account.ts';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** What launching needs; `log` is the server's own log file. */
export interface Launch {
  readonly cluster: string;
  readonly native: NativePostgres;
  readonly account: ServerAccount | null;
  readonly log: string;
}

/** Recovery after a crash may take this long before a start gives up (the server goes on). */
export const startMsMax = 120_000;
const stopMsMax = 60_000;
const logBytesMax = 8 * 1024 * 1024;

/** The postmaster that postmaster.pid names, where such a process runs; a stale file is removed. */
export async function findPostmaster(cluster: string): Promise<Postmaster | null> {
  const named = await readPidFile(cluster);
  if (named === null) return null;
  if (await mayBePostmaster(named.pid, cluster)) return named;
  // PostgreSQL itself removes it too, but not where its number now belongs to another process.
  if ((await readPidFile(cluster))?.pid === named.pid) await removePidFile(cluster);
  return null;
}

async function readPidFile(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(pidFile(cluster), 'utf8').catch(() => '');
  const [pid, , , port, , , , status] = text.split('\n');
  if (!(Number(pid) > 0)) return null;
  return { pid: Number(pid), port: Number(port ?? 0), ready: status?.trim() === 'ready' };
}

const pidFile = (cluster: string): string => path.join(cluster, 'postmaster.pid');
const removePidFile = (cluster: string): Promise<void> => rm(pidFile(cluster), { force: true });

/** Resolves when the named postmaster accepts connections, or null when it has gone. */
export async function untilReady(cluster: string, pid: number): Promise<Postmaster | null> {
  const givesUpAt = Date.now() + startMsMax;
  while (Date.now() < givesUpAt) {
    const found = await readPidFile(cluster);
    if (found?.pid === pid && found.ready) return found;
    if (!isAlive(pid)) return null;
    await delay(10);
  }
  throw new OperationalError(
    'POSTGRES_START_TIMEOUT',
    `PostgreSQL (process ${pid}) is still recovering ${cluster}. Wait and start again: it goes ` +
      'on by itself and will be adopted.',
  );
}

/**
 * Starts one postmaster on a free port. It is detached and logs to a file, so neither our Ctrl-C
 * nor our death touches it. Null where it should be tried again: port taken, a rival started, or
 * the last processes of a killed server have yet to go.
 */
export async function launch(options: Launch): Promise<Postmaster | null> {
  const { cluster, native, account, log } = options;
  const oldLog = await stat(log).catch(() => null);
  if (oldLog !== null && oldLog.size > logBytesMax) await rename(log, `${log}.1`);
  const logHandle = await open(log, 'a', 0o600);
  const logStart = (await logHandle.stat()).size;
  const port = await freePort();
  const child = spawn(path.join(native.folder, 'bin', 'postgres'), serverWords(cluster, port), {
    cwd: cluster,
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', logHandle.fd, logHandle.fd],
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  });
  child.unref();
  const spawnFailure = new Promise<Error>((resolve) => child.once('error', resolve));
  try {
    if (child.pid === undefined) throw await spawnFailure;
    const found = await untilReady(cluster, child.pid);
    if (found !== null) return found;
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    throw explainFailure((error as Error).message, 'PostgreSQL did not start', error);
  } finally {
    await logHandle.close();
  }
  return afterEarlyExit(cluster, (await readFile(log)).subarray(logStart).toString('utf8'));
}

const transient =
  /Address already in use|could not bind|lock file "postmaster.pid" already exists|pre-existing shared memory block/;

async function afterEarlyExit(cluster: string, said: string): Promise<null> {
  if (/lock file "postmaster.pid" is empty/.test(said)) await removePidFile(cluster);
  else if (!transient.test(said)) throw explainFailure(said, 'PostgreSQL did not start');
  await delay(100);
  return null;
}

function serverWords(cluster: string, port: number): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // Shared folders: two exchanges must not meet there.
    max_connections: '200',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  // The default needs /dev/shm, of which containers give 64 MB.
  if (process.platform !== 'win32') settings['dynamic_shared_memory_type'] = 'mmap';
  return [
    '-D',
    cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/** Free when looked at; somebody else may take it first, and the caller then tries again. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(
        new OperationalError(
          'POSTGRES_PORT',
          `No port can be opened on 127.0.0.1 (${cause.message}). Free one, or set DATABASE_URL.`,
          { cause },
        ),
      ),
    );
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** Fast shutdown: open transactions are rolled back, committed ones are on disk. */
export async function stopPostmaster(cluster: string, pid: number): Promise<void> {
  const runs = async (): Promise<boolean> =>
    (await readPidFile(cluster))?.pid === pid && isAlive(pid);
  if (!(await runs())) return;
  process.kill(pid, 'SIGINT');
  const givesUpAt = Date.now() + stopMsMax;
  while (await runs()) {
    if (Date.now() > givesUpAt) {
      throw new OperationalError(
        'POSTGRES_STOP_TIMEOUT',
        `PostgreSQL (process ${pid}) is still writing to disk; it stops by itself when done.`,
      );
    }
    await delay(10);
  }
}
