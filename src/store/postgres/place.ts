import { randomBytes } from 'node:crypto';
import {
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';
import { canReach, type ServerAccount } from './server-account.ts';

/** Where databases of folders are that are closed to their server. */
export const systemFolder = '/var/lib/data-exchange-ledger';

/**
 * The folder that holds the cluster, its log and its start lock: `dataDir` itself or what it is a
 * link to. Where we are root and the server's account cannot reach it, it is made a link to a new
 * folder under /var/lib: a data folder that is moved finds its database again, and one that is made
 * anew does not find an old one.
 */
export async function preparePlace(
  dataDir: string,
  account: ServerAccount | null,
): Promise<string> {
  const wanted = path.resolve(dataDir);
  try {
    const linked = await linkedPlace(wanted);
    if (linked !== null) {
      if (account === null || (await canReach(linked, account))) return linked;
      throw new Error(`it is a link to ${linked}, which is closed to ${account.name}`);
    }
    if (account === null || (await canReach(await nearestExisting(wanted), account))) {
      await mkdir(wanted, { recursive: true, mode: 0o755 });
      return wanted;
    }
    return await linkNewPlace(wanted, account);
  } catch (cause) {
    throw new OperationalError(
      'POSTGRES_DATA_DIR',
      `The data folder ${wanted} cannot be used (${(cause as Error).message}). Give another ` +
        'data folder, or free its disk and permissions.',
      { cause },
    );
  }
}

/** Null where it is no link. */
async function linkedPlace(wanted: string): Promise<string | null> {
  const found = await lstat(wanted).catch(() => null);
  if (!found?.isSymbolicLink()) return null;
  return realpath(wanted).catch(async () => {
    const target = await readlink(wanted);
    throw new Error(`it is a link to ${target}, which is not there: remove the link to begin anew`);
  });
}

async function linkNewPlace(wanted: string, account: ServerAccount): Promise<string> {
  const present = await readdir(wanted).catch(() => null);
  if (present !== null && present.length > 0) {
    // Never a new and empty database where there was one.
    throw new Error(`it is not empty, and closed to ${account.name}, as whom the server runs`);
  }
  if (present !== null) await rmdir(wanted);
  await mkdir(path.dirname(wanted), { recursive: true });
  const place = path.join(systemFolder, randomBytes(8).toString('hex'));
  await mkdir(place, { recursive: true, mode: 0o755 });
  await writeFile(path.join(place, 'belongs-to'), `${wanted}\n`);
  try {
    await symlink(place, wanted);
    return place;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another process came first: its place is the one.
    await rm(place, { recursive: true });
    return realpath(wanted);
  }
}

async function nearestExisting(folder: string): Promise<string> {
  for (let current = folder; ; current = path.dirname(current)) {
    const found = await stat(current).catch(() => null);
    if (found?.isDirectory()) return current;
    if (found !== null) throw new Error(`${current} is not a folder`);
    if (path.dirname(current) === current) return current;
  }
}
