import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeSynced } from '../disk/durable.ts';

/**
 * Replaces a file's content: a crash at any moment leaves the old bytes or the new ones, and when it
 * resolves the new ones are on the disk. Not for two writers at once. Rejects with the system's error;
 * then the old bytes are there, or, where only the folder's own entry failed, perhaps the new ones.
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  try {
    await writeSynced(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(path.dirname(file));
}
