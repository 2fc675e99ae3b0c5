/**
 * M-122: room on disk for what an audit must remember and does not keep in memory. It is the auditor's own:
 * nothing in it comes from the tables that are being judged.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';

const bufferBytes = 256 * 1024;

/** Files without a name: they are gone with the process, however that ends. */
export class Scratch {
  readonly folder: string;
  readonly #files: ScratchFile[] = [];

  /** @param folder that is there; the system's temporary one (TMPDIR) unless given. */
  constructor(folder: string | null = null) {
    this.folder = folder ?? tmpdir();
  }

  /** Throws OperationalError SCRATCH_FOLDER. */
  file(): ScratchFile {
    const file = new ScratchFile(this.folder);
    this.#files.push(file);
    return file;
  }

  /** Bytes on disk, and waiting to be. */
  get bytes(): number {
    return this.#files.reduce((sum, { length }) => sum + length, 0);
  }

  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}

/**
 * Bytes by offset. Blocking, as the machine that reads from it: a page comes from the system's cache
 * in microseconds. Throws OperationalError SCRATCH_FULL or SCRATCH_FAILED.
 */
export class ScratchFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #descriptor: number;
  /** What was appended last and is not written yet. */
  readonly #tail = Buffer.alloc(bufferBytes);
  #tailLength = 0;
  #written = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = path.join(folder, `.dxl-fsck-${randomUUID()}`);
    try {
      this.#descriptor = openSync(this.#path, 'wx+', 0o600);
    } catch (cause) {
      const problem = `No file can be made in ${folder} (${(cause as Error).message})`;
      throw new OperationalError(
        'SCRATCH_FOLDER',
        `${problem}. Name a folder on disk that you may write to, by TMPDIR or by --scratch of an audit.`,
        { cause },
      );
    }
    // Without its name the system takes it back when the process ends, even by SIGKILL.
    if (process.platform !== 'win32') rmSync(this.#path);
  }

  get length(): number {
    return this.#written + this.#tailLength;
  }

  /** @returns where it stands. */
  append(bytes: Uint8Array): number {
    const at = this.length;
    if (this.#tailLength + bytes.length > bufferBytes) this.#flush();
    if (bytes.length > bufferBytes) {
      this.#write(bytes, this.#written);
      this.#written += bytes.length;
    } else {
      this.#tail.set(bytes, this.#tailLength);
      this.#tailLength += bytes.length;
    }
    return at;
  }

  /** Fewer than `length` only at the end. */
  read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, this.readInto(bytes, at));
  }

  /** @returns how many there were, up to as many as `bytes` has room for. */
  readInto(bytes: Buffer, at: number): number {
    if (at >= this.#written) {
      const from = at - this.#written;
      const found = this.#tail.subarray(Math.min(from, this.#tailLength), this.#tailLength);
      return found.copy(bytes);
    }
    if (at + bytes.length > this.#written) this.#flush();
    let taken = 0;
    while (taken < bytes.length) {
      const count = this.#attempt(() =>
        readSync(this.#descriptor, bytes, taken, bytes.length - taken, at + taken),
      );
      if (count === 0) break;
      taken += count;
    }
    return taken;
  }

  /** In place of what stands there; not in a file that is appended to. */
  overwrite(at: number, bytes: Uint8Array): void {
    this.#write(bytes, at);
    this.#written = Math.max(this.#written, at + bytes.length);
  }

  close(): void {
    closeSync(this.#descriptor);
    if (process.platform === 'win32') rmSync(this.#path, { force: true });
  }

  #flush(): void {
    this.#write(this.#tail.subarray(0, this.#tailLength), this.#written);
    this.#written += this.#tailLength;
    this.#tailLength = 0;
  }

  #write(bytes: Uint8Array, at: number): void {
    for (let sent = 0; sent < bytes.length;) {
      sent += this.#attempt(() =>
        writeSync(this.#descriptor, bytes, sent, bytes.length - sent, at + sent),
      );
    }
  }

  #attempt(step: () => number): number {
    try {
      return step();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
      const problem = full
        ? `The disk of ${this.#folder} is full after ${this.length} bytes of a temporary file`
        : `A temporary file in ${this.#folder} fails (${message})`;
      throw new OperationalError(
        full ? 'SCRATCH_FULL' : 'SCRATCH_FAILED',
        `${problem}. Nothing of the ledger was changed: begin again with a folder that has more room, ` +
          'by TMPDIR or by --scratch of an audit.',
        { cause },
      );
    }
  }
}
