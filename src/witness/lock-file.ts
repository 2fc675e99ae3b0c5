import { open, readFile, rm } from 'node:fs/promises';
import { OperationalError } from '../base/operational-error.ts';

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
    if (await isHeld(file)) break;
    await rm(file, { force: true });
  }
  throw new OperationalError(
    'WITNESS_LOCKED',
    `Another witness runs on this folder. End it first; if none does, remove ${file}.`,
  );
}

async function isHeld(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process has that number.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
