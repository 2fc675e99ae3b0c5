import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileUnwritable } from '../file-unwritable.ts';
import { refuseExisting } from '../refuse-existing.ts';
import { readState, removeState, writeState } from './state-file.ts';

/** A file that comes part by part, and gets its name when all of it is right. */
export interface PartialFile {
  /** Parts that a run before has brought. */
  readonly done: number;
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Of the parts that a run before has brought; to be gone on with. */
  hash(): Promise<Hash>;
  /** So many parts are there, and stay whatever happens. */
  keep(parts: number): Promise<void>;
  /** It has so many bytes and all of it is right. Throws OperationalError FILE_EXISTS. */
  finish(bytes: number): Promise<void>;
  /** Nothing of it is right. */
  discard(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `.NAME.dxl-part` and `.NAME.dxl-state` beside the target, which must not be there; the same `id` goes
 * on with what is there, another begins anew. Throws OperationalError FILE_EXISTS, FILE_UNWRITABLE.
 * @param partBytes of every part but the last
 */
export async function openPartialFile(
  target: string,
  { id, partBytes }: { readonly id: string; readonly partBytes: number },
): Promise<PartialFile> {
  await refuseExisting(target);
  const beside = (ending: string): string =>
    path.join(path.dirname(target), `.${path.basename(target)}.${ending}`);
  const [partFile, stateFile] = [beside('dxl-part'), beside('dxl-state')];
  const done = await partsDone(await readState(stateFile), { id, partBytes, partFile });
  const handle = await open(partFile, done > 0 ? 'r+' : 'w', 0o600).catch((cause: unknown) => {
    throw fileUnwritable(target, cause as Error);
  });
  return {
    done,
    async write(bytes, at) {
      for (let written = 0; written < bytes.length;) {
        const left = bytes.length - written;
        written += (await handle.write(bytes, written, left, at + written)).bytesWritten;
      }
    },
    async hash() {
      const hash = createHash('sha256');
      if (done === 0) return hash;
      for await (const piece of createReadStream(partFile, { end: done * partBytes - 1 })) {
        hash.update(piece as Buffer);
      }
      return hash;
    },
    async keep(parts) {
      await handle.sync();
      await writeState(stateFile, { id, done: parts });
    },
    async finish(bytes) {
      await handle.truncate(bytes);
      await handle.sync();
      await refuseExisting(target);
      await rename(partFile, target);
      await removeState(stateFile);
    },
    async discard() {
      await removeState(stateFile);
      await rm(partFile, { force: true });
    },
    close: () => handle.close(),
  };
}

interface Wanted {
  readonly id: string;
  readonly partBytes: number;
  readonly partFile: string;
}

async function partsDone(
  before: Readonly<Record<string, unknown>> | null,
  { id, partBytes, partFile }: Wanted,
): Promise<number> {
  const done = before?.['done'];
  if (before?.['id'] !== id || !Number.isSafeInteger(done)) return 0;
  const { size } = await stat(partFile).catch(() => ({ size: 0 }));
  // The last part is shorter: it is brought again.
  return Math.max(Math.min(done as number, Math.floor(size / partBytes)), 0);
}
