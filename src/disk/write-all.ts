import type { FileHandle } from 'node:fs/promises';

/** Writes all of a chunk where the file stands: one call of the system may take a part of it only. */
export async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    at += (await handle.write(chunk, at)).bytesWritten;
  }
}
