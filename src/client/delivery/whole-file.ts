/** Files that appear whole or not at all. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeAll } from '../../disk/write-all.ts';
import { fileUnwritable } from '../file-unwritable.ts';
import { refuseExisting } from '../refuse-existing.ts';

/**
 * Lets `fill` write a hidden file (mode 0600) beside `target`, and gives it that name only when
 * `fill` has returned; whatever it throws, the hidden file is gone. A process killed in the middle
 * leaves `.NAME.*.partial`, never `target`. Throws OperationalError FILE_EXISTS, FILE_UNWRITABLE.
 */
export async function writeWholeFile<Result>(
  target: string,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  await refuseExisting(target);
  const name = `.${path.basename(target)}.${randomBytes(6).toString('hex')}.partial`;
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
