import { writeFile } from 'node:fs/promises';
import { fileUnwritable } from '../client/file-unwritable.ts';
import { refuseExisting } from '../client/refuse-existing.ts';

/** Throws OperationalError FILE_EXISTS or FILE_UNWRITABLE. */
export async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await refuseExisting(path);
  await writeFile(path, text, { flag: 'wx', mode }).catch((cause: unknown) => {
    throw fileUnwritable(path, cause as Error);
  });
}
