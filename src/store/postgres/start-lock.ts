import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../../base/operational-error.ts';
import { isAlive } from '../../disk/is-alive.ts';

const staleAfterMs = 180_000;
const waitMsMax = 200_000;

/**
 * Lets one process at a time start the server of a place, so that a second one finds it running
 * and adopts it. It keeps order and saves work only: what makes two postmasters on one cluster
 * impossible is PostgreSQL's own postmaster.pid, so taking over a dead holder's lock may be simple.
 */
export async function withStartLock<Value>(
  place: string,
  body: () => Promise<Value>,
): Promise<Value> {
  const file = path.join(place, 'start.lock');
  await acquire(file);
  try {
    return await body();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(file: string): Promise<void> {
  const givesUpAt = Date.now() + waitMsMax;
  while (Date.now() < givesUpAt) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx', mode: 0o644 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritable(file, error);
    }
    if (await isAbandoned(file)) await rm(file, { force: true });
    else await delay(20);
  }
  throw new OperationalError(
    'POSTGRES_START_LOCKED',
    `Another process has been starting this database for too long. If none is, delete ${file}.`,
  );
}

function notWritable(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'POSTGRES_DATA_DIR',
    `${file} cannot be written (${(cause as Error).message}). The data folder must belong to the ` +
      'user who starts the exchange, on a disk with room: give another, or free this one.',
    { cause },
  );
}

async function isAbandoned(file: string): Promise<boolean> {
  try {
    const holder = Number(await readFile(file, 'utf8'));
    const { mtimeMs } = await stat(file);
    const ageMs = Date.now() - mtimeMs;
    // Between its creation and its first byte the file is empty: give its writer a moment.
    if (!(holder > 0)) return ageMs > 1_000;
    return !isAlive(holder) || ageMs > staleAfterMs;
  } catch {
    return false; // Gone meanwhile: the next attempt may have it.
  }
}
