import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { OperationalError } from '../base/operational-error.ts';
import { isAlive } from '../disk/is-alive.ts';

/**
 * Two processes on one state would each forget what the other cosigned. Returns how to let go of the
 * folder; a process that was killed leaves a lock that its number shows to be void. Throws
 * OperationalError WITNESS_LOCKED.
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const handle = await open(file, 'wx', 0o600).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return null;
      throw cause;
    });
    if (handle) {
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
      return () => rm(file, { force: true });
    }
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null && (await isHeld(file, text))) break;
    if (text !== null) await removeVoid(file, text);
  }
  throw new OperationalError(
    'WITNESS_LOCKED',
    `Another witness runs on this folder. End it first; if none does, remove ${file}.`,
  );
}

/** Longer than who has just made the file needs to write his number into it. */
const unwrittenMs = 10_000;

async function isHeld(file: string, text: string): Promise<boolean> {
  const pid = Number(text);
  if (text === '') {
    const found = await stat(file).catch(() => null);
    return found !== null && Date.now() - found.mtimeMs < unwrittenMs;
  }
  return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid);
}

/** Not by its name alone: another process may have put its own in the place of the void one. */
async function removeVoid(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}.void`;
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await readFile(aside, 'utf8').catch(() => text)) === text) await rm(aside, { force: true });
  else await rename(aside, file);
}
