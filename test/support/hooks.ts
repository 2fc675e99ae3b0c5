import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemFolder } from '../../src/store/postgres/place.ts';
import { leaveTestServer } from './database.ts';

/**
 * As root, the database of a data folder that is closed to its server stays behind when the folder
 * goes. Those of temporary folders that are gone go here, also of runs that were killed.
 */
async function sweepDatabases(): Promise<void> {
  for (const name of await readdir(systemFolder).catch(() => [])) {
    const place = path.join(systemFolder, name);
    const owner = (await readFile(path.join(place, 'belongs-to'), 'utf8').catch(() => '')).trim();
    if (!owner.startsWith(tmpdir() + path.sep) || (await stat(owner).catch(() => null))) continue;
    await rm(place, { recursive: true });
  }
}

/** Mocha's root hooks, named by `require` in .mocharc.json: after all tests, or after a file in parallel. */
export const mochaHooks = { afterAll: leaveTestServer };

/** After all tests, however they ran. */
export const mochaGlobalTeardown = sweepDatabases;
