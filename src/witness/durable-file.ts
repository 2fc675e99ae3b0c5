import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Replaces a file's content: a crash at any moment leaves the old bytes or the new ones, and when it
 * resolves the new ones are on the disk. Not for two writers at once. Rejects with the system's error;
 * then the old bytes are there, or, where only the folder's own entry failed, perhaps the new ones.
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(path.dirname(file));
}

/** The name of a new file is durable when its folder is. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
