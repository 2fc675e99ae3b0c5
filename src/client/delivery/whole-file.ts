/** Files that appear whole or not at all. */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isAlive } from '../../disk/is-alive.ts';
import { writeAll } from '../../disk/write-all.ts';
import { fileUnwritable } from '../file-unwritable.ts';
import { refuseExisting } from '../refuse-existing.ts';

/**
 * Lets `fill` write a hidden file (mode 0600) beside `target`, and gives it that name only when
 * `fill` has returned; whatever it throws, the hidden file is gone. A process killed in the middle
 * leaves `.NAME.*.partial`, never `target`, and the next one for the same target removes that. Throws
 * OperationalError FILE_EXISTS, FILE_UNWRITABLE.
 */
export async function writeWholeFile<Result>(
  target: string,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  await refuseExisting(target);
  await removeAbandoned(target);
  const name = `${prefixOf(target)}${process.pid}.${randomBytes(6).toString('hex')}${suffix}`;
  const temporary = path.join(path.dirname(target), name);
  const handle = await open(temporary, 'wx', 0o600).catch((cause: unknown) => {
    throw fileUnwritable(target, cause as Error);
  });
  try {
    const result = await fill((bytes) => writeAll(handle, bytes));
    await handle.sync();
    await handle.close();
    await refuseExisting(target);
    await rename(temporary, target);
    return result;
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
}

const suffix = '.partial';

/** With the machine, as a folder may be shared by several. */
const prefixOf = (target: string): string => `.${path.basename(target)}.${hostname()}.`;

/** What processes of this machine that are no more have left of the same target. */
async function removeAbandoned(target: string): Promise<void> {
  const folder = path.dirname(target);
  const prefix = prefixOf(target);
  // A folder that cannot be read is told by whoever writes into it.
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    const pid = Number(name.slice(prefix.length).split('.')[0]);
    if (Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid)) {
      await rm(path.join(folder, name), { force: true });
    }
  }
}
