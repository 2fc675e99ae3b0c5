import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';
import type { Spill } from '../anonymity/digest-partitions.ts';

/**
 * Files of a temporary folder of this process's own (mode 0700), for what memory is not to hold. It
 * is made when something is first put into it, and removed by `remove`; after `kill -9` it stays where
 * the system keeps what is temporary, named `dxl-data-…`: it holds keyed digests, no values.
 */
export class SpillFolder {
  readonly #parent: string;
  #folder: string | null = null;
  readonly #files = new Map<string, number>();

  constructor(parent = tmpdir()) {
    this.#parent = parent;
  }

  get parent(): string {
    return this.#parent;
  }

  /** Throws OperationalError DATA_ROOM where the disk has less. */
  reserve(bytes: number): void {
    const { bavail, bsize } = statfsSync(this.#parent);
    const free = bavail * bsize;
    if (free >= bytes) return;
    throw new OperationalError(
      'DATA_ROOM',
      `${this.#parent} has ${free} bytes free, and up to ${bytes} are needed for a time: free some, or ` +
        'name another folder in TMPDIR.',
    );
  }

  /** @param name of what is put there, apart from what others put */
  spill(name: string): Spill {
    return {
      append: (partition, digests) => {
        if (digests.length === 0) return;
        writeAll(this.#file(`${name}-${partition}`), digests);
      },
      read: (partition) => {
        const file = this.#files.get(`${name}-${partition}`);
        if (file === undefined || this.#folder === null) return new Uint8Array();
        return readFileSync(join(this.#folder, `${name}-${partition}`));
      },
    };
  }

  remove(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  #file(name: string): number {
    const open = this.#files.get(name);
    if (open !== undefined) return open;
    this.#folder ??= mkdtempSync(join(this.#parent, 'dxl-data-'));
    const file = openSync(join(this.#folder, name), 'ax', 0o600);
    this.#files.set(name, file);
    return file;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new OperationalError('DATA_ROOM', `The temporary folder took no more: ${reason}.`, {
      cause,
    });
  }
}
