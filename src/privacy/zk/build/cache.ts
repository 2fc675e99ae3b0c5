import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Hex } from '../../../base/bytes.ts';
import { OperationalError } from '../../../base/operational-error.ts';
import { hashFile } from './file-hash.ts';

const manifestName = 'manifest.json';

export interface Manifest<Details> {
  readonly details: Details;
  /** SHA-256 of each other file in the directory. */
  readonly files: Readonly<Record<string, Hex>>;
}

/**
 * A directory of finished artefacts, made once. It appears under its name only when complete (it is
 * filled under another name and renamed), and every use checks every file by hash: one that was
 * cut short or altered is made again. Two processes may race; the first to finish wins.
 * @param make fills the directory it is given
 */
export async function cachedDirectory<Details>(
  directory: string,
  force: boolean,
  make: (temporary: string) => Promise<Details>,
): Promise<{ readonly details: Details; readonly cached: boolean }> {
  const found = force ? undefined : await intactDetails<Details>(directory);
  if (found !== undefined) return { details: found, cached: true };
  const temporary = await temporaryBeside(directory);
  try {
    const details = await make(temporary);
    await writeManifest(temporary, details);
    await install(temporary, directory, force);
    return { details, cached: false };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function temporaryBeside(directory: string): Promise<string> {
  try {
    await mkdir(dirname(directory), { recursive: true });
    return await mkdtemp(`${directory}.tmp-`);
  } catch (cause) {
    throw new OperationalError(
      'ZK_CACHE_UNWRITABLE',
      `${dirname(directory)} cannot be written: free space or choose another cache folder.`,
      { cause },
    );
  }
}

/** The manifest's details where the directory is whole, else undefined. */
export async function intactDetails<Details>(directory: string): Promise<Details | undefined> {
  try {
    const text = await readFile(join(directory, manifestName), 'utf8');
    const manifest = JSON.parse(text) as Manifest<Details>;
    for (const [name, expected] of Object.entries(manifest.files)) {
      if ((await hashFile(join(directory, name))) !== expected) return undefined;
    }
    return manifest.details;
  } catch {
    // Absent, cut short or unreadable: each of them means that it is to be made again.
    return undefined;
  }
}

async function writeManifest(directory: string, details: unknown): Promise<void> {
  const files: Record<string, Hex> = {};
  for (const name of (await readdir(directory)).sort()) {
    files[name] = await hashFile(join(directory, name));
  }
  await writeFile(join(directory, manifestName), JSON.stringify({ details, files }, null, 2));
}

const installAttemptsMax = 5;

/**
 * Renames onto an absent name, which is atomic. What stands there already is kept when whole (it
 * holds the same), and otherwise moved aside first, so that nobody ever sees half of each.
 */
async function install(temporary: string, directory: string, force: boolean): Promise<void> {
  let cause: unknown;
  for (let attempt = 0; attempt < installAttemptsMax; attempt += 1) {
    try {
      await rename(temporary, directory);
      return;
    } catch (error) {
      cause = error;
    }
    if (!force && (await intactDetails(directory)) !== undefined) return;
    const aside = `${temporary}.old`;
    // Another process may have moved it first: then there is nothing left to move.
    await rename(directory, aside).catch(() => undefined);
    await rm(aside, { recursive: true, force: true });
  }
  throw new OperationalError(
    'ZK_CACHE_UNWRITABLE',
    `${directory} cannot be replaced: stop what holds it open, or remove it.`,
    { cause },
  );
}
