import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Hex } from '../base/bytes.ts';

/** Bytes of uploads that have not come to their end, one file each. */
export interface UploadFiles {
  create(id: string): Promise<void>;
  /** How much is there; null where nothing is. */
  sizeOf(id: string): Promise<number | null>;
  /**
   * Writes what comes behind `offset`, where the file ends. Where the source breaks off, what came
   * stays. Returns how much is there then, and the SHA-256 of what came.
   */
  append(id: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<Appended>;
  cutTo(id: string, size: number): Promise<void>;
  /** SHA-256 of all of it. */
  digestOf(id: string): Promise<Hex>;
  fileOf(id: string): string;
  remove(id: string): Promise<void>;
}

export interface Appended {
  readonly size: number;
  readonly digest: Hex;
  /** Why the source broke off; null where it came to its end. */
  readonly broken: Error | null;
}

const idForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isUploadId = (id: string): boolean => idForm.test(id);

/** @param folder exists */
export function openUploadFiles(folder: string): UploadFiles {
  const fileOf = (id: string): string => path.join(folder, isUploadId(id) ? id : 'none');
  return {
    fileOf,
    async create(id) {
      await (await open(fileOf(id), 'wx', 0o600)).close();
    },
    sizeOf: (id) =>
      stat(fileOf(id)).then(
        ({ size }) => size,
        () => null,
      ),
    append: (id, offset, source) => append(fileOf(id), offset, source),
    cutTo: (id, size) => truncate(fileOf(id), size),
    async digestOf(id) {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(fileOf(id))) hash.update(chunk as Buffer);
      return hash.digest('hex');
    },
    remove: (id) => rm(fileOf(id), { force: true }),
  };
}

async function append(
  file: string,
  offset: number,
  source: AsyncIterable<Uint8Array>,
): Promise<Appended> {
  const handle = await open(file, 'r+');
  const hash = createHash('sha256');
  const place = { size: offset };
  try {
    const broken = await copy(source, hash, async (chunk) => {
      for (let at = 0; at < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, place.size);
        at += bytesWritten;
        place.size += bytesWritten;
      }
    });
    // An offset that was told must stand after a crash, too.
    await handle.sync();
    return { size: place.size, digest: hash.digest('hex'), broken };
  } finally {
    await handle.close();
  }
}

/** Errors of the source are returned, those of the disk thrown. */
async function copy(
  source: AsyncIterable<Uint8Array>,
  hash: Hash,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<Error | null> {
  const pieces = source[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await pieces.next();
    } catch (error) {
      return error as Error;
    }
    if (next.done === true) return null;
    hash.update(next.value);
    await write(next.value);
  }
}
