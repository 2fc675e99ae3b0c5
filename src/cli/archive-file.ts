/** Exports as files, or `-` for standard input and output. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { OperationalError } from '../base/operational-error.ts';
import { findPart } from '../chain/archive/archive-part.ts';
import type { ArchivePart } from '../chain/archive/write-archive.ts';

export interface ArchiveInput {
  readonly source: AsyncIterable<Uint8Array>;
  /** null where nobody knows: standard input. */
  readonly bytes: number | null;
}

/** Throws OperationalError ARCHIVE_FILE where it cannot be read. */
export async function openArchive(file: string): Promise<ArchiveInput> {
  if (file === '-') return { source: process.stdin, bytes: null };
  const found = await stat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  return { source: readBytes(file), bytes: found.size };
}

async function* readBytes(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).syscall === undefined ? cause : unreadable(file, cause);
  }
}

const unreadable = (file: string, cause: unknown): OperationalError =>
  new OperationalError('ARCHIVE_FILE', `${file} cannot be read: ${(cause as Error).message}.`, {
    cause,
  });

export interface ArchiveOutput {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** What the file holds already, cut to its last whole frame; null begins anew. */
  readonly resumed: ArchivePart | null;
  /** Bytes behind the last whole frame, or of an end that is written anew. */
  readonly dropped: number;
  /** On disk when it resolves. */
  close(): Promise<void>;
}

/**
 * A new file, or with `resume` one that an earlier export has begun. Throws OperationalError
 * EXPORT_EXISTS or ARCHIVE_FILE, and ArchiveError where the file is no export.
 */
export async function openOutput(file: string, resume: boolean): Promise<ArchiveOutput> {
  if (file === '-') return standardOutput();
  const found = resume ? await stat(file).catch(() => null) : null;
  const { part } = found && found.size > 0 ? await findPart(readBytes(file)) : { part: null };
  const handle = await open(file, found ? 'r+' : 'wx', 0o600).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw code === 'EEXIST'
      ? new OperationalError('EXPORT_EXISTS', `${file} is there. Go on with it by --resume.`)
      : new OperationalError('ARCHIVE_FILE', `${file} cannot be written: ${message}.`, { cause });
  });
  const kept = part?.place.offset ?? 0;
  await handle.truncate(kept);
  let at = kept;
  return {
    resumed: part,
    dropped: (found?.size ?? 0) - kept,
    write: async (bytes) => {
      for (let sent = 0; sent < bytes.length;) {
        sent += (await handle.write(bytes, sent, bytes.length - sent, at + sent)).bytesWritten;
      }
      at += bytes.length;
    },
    async close() {
      await handle.sync();
      await handle.close();
    },
  };
}

const standardOutput = (): ArchiveOutput => ({
  resumed: null,
  dropped: 0,
  write: (bytes) =>
    new Promise((resolve, reject) => {
      process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
    }),
  close: async () => undefined,
});
