import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { OperationalError } from '../../base/operational-error.ts';
import { exists, type NativePostgres } from './native.ts';
import { explainFailure } from './failure.ts';
import type { ServerAccount } from './server-account.ts';

/** One data directory of PostgreSQL and the password of its only role, `ledger`. */
export interface Cluster {
  readonly folder: string;
  readonly password: string;
}

export const roleName = 'ledger';
const passwordFile = 'ledger.password';

/**
 * The cluster of a place, made where there is none (about half a second). It is built beside its
 * final name and renamed when whole, so a start that was killed leaves no half of one.
 */
export async function ensureCluster(
  place: string,
  native: NativePostgres,
  account: ServerAccount | null,
): Promise<Cluster> {
  const folder = path.join(place, `pg${native.major}`);
  if (!(await exists(path.join(folder, 'PG_VERSION')))) {
    await refuseOtherMajor(place, native.major);
    await createCluster(folder, native, account);
  }
  return readCluster(folder);
}

/** One that is there. Throws OperationalError POSTGRES_DATA_DIR. */
export async function readCluster(folder: string): Promise<Cluster> {
  try {
    return { folder, password: await readFile(path.join(folder, passwordFile), 'utf8') };
  } catch (cause) {
    throw new OperationalError(
      'POSTGRES_DATA_DIR',
      `The database in ${folder} cannot be read (${(cause as Error).message}). Start as the user ` +
        'who made it, or give another data folder.',
      { cause },
    );
  }
}

async function refuseOtherMajor(place: string, major: number): Promise<void> {
  const other = (await readdir(place)).find((name) => /^pg\d+$/.test(name));
  if (other === undefined || other === `pg${major}`) return;
  throw new OperationalError(
    'POSTGRES_VERSION',
    `${path.join(place, other)} was made by another major version than the installed ${major}. ` +
      'Start the release that made it and carry its data over by dump and restore.',
  );
}

async function createCluster(
  folder: string,
  native: NativePostgres,
  account: ServerAccount | null,
): Promise<void> {
  const unfinished = `${folder}.init`;
  const pwfile = `${folder}.pwfile`;
  const password = randomBytes(24).toString('hex');
  try {
    await rm(unfinished, { recursive: true, force: true });
    await rm(pwfile, { force: true });
    await mkdir(unfinished, { mode: 0o700 });
    await writeOwned(pwfile, password, account);
    if (account !== null) await chown(unfinished, account.uid, account.gid);
    await runInitdb(unfinished, pwfile, native, account);
    await writeOwned(path.join(unfinished, passwordFile), password, account);
    await rename(unfinished, folder);
  } finally {
    await rm(pwfile, { force: true });
  }
}

async function writeOwned(
  file: string,
  text: string,
  account: ServerAccount | null,
): Promise<void> {
  await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  if (account !== null) await chown(file, account.uid, account.gid);
  const handle = await open(file, 'r+');
  await handle.sync().finally(() => handle.close());
}

async function runInitdb(
  folder: string,
  pwfile: string,
  native: NativePostgres,
  account: ServerAccount | null,
): Promise<void> {
  const words = ['-D', folder, '-U', roleName, '-A', 'scram-sha-256', '--pwfile', pwfile];
  words.push('-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (process.platform === 'linux') words.push('--lc-ctype=C.UTF-8');
  words.push('--no-instructions');
  try {
    await promisify(execFile)(path.join(native.folder, 'bin', 'initdb'), words, {
      cwd: path.dirname(folder),
      env: serverEnvironment(),
      timeout: 120_000,
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    });
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { stderr?: string };
    throw explainFailure(`${stderr}\n${message}`, `initdb of ${folder} failed`, cause);
  }
}

/** Nothing of ours reaches the server: neither PG* variables nor locale nor secrets. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  ...(process.platform === 'win32' ? { SystemRoot: 'C:\\Windows' } : {}),
});
