import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '../../../base/bytes.ts';
import { OperationalError } from '../../../base/operational-error.ts';
import { compilerVersion, includeDirectories, type OptimisationLevel } from './compile.ts';

/** Raised when the setup or the cache layout changes, so that older entries are left alone. */
const cacheVersion = 1;

/**
 * Names what a build depends on: compiler, level and the text of the circuit with all that it
 * includes, as SHA-256. Equal keys give equal artefacts.
 */
export async function buildKey(file: string, level: OptimisationLevel): Promise<Hex> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([cacheVersion, compilerVersion(), level]));
  const pending = [file];
  const seen = new Set(pending);
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    const text = await readSource(name);
    hash.update(JSON.stringify([name, text]));
    for (const [, included = ''] of text.matchAll(/^\s*include\s+"([^"]+)"\s*;/gm)) {
      const flat = included.replace(/^\.\//, '');
      if (!seen.has(flat)) pending.push(flat);
      seen.add(flat);
    }
  }
  return hash.digest('hex');
}

async function readSource(name: string): Promise<string> {
  for (const directory of Object.values(includeDirectories())) {
    try {
      return await readFile(join(directory, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new OperationalError(
    'ZK_SOURCE_MISSING',
    `The circuit source ${name} is in none of circuits/, circuits/lib/ and circomlib: restore it.`,
  );
}
