import type { Scratch, ScratchFile } from './scratch.ts';

interface Page {
  readonly bytes: Buffer;
  changed: boolean;
}

/** Of each of the two generations: 10 MiB of pages of 1.2 KiB in all. */
const pagesMaxUsual = 4_096;

/**
 * Pages of one size in a scratch file. Those used last are in memory, in two generations: what is
 * used in the old one comes into the young one, and where that is full the old one goes to disk.
 */
export class PageCache {
  readonly #file: ScratchFile;
  readonly #pageBytes: number;
  readonly #pagesMax: number;
  #young = new Map<number, Page>();
  #old = new Map<number, Page>();
  /** Of pages that went to disk, for the next: the collector would keep them for long. */
  readonly #free: Buffer[] = [];

  constructor(scratch: Scratch, pageBytes: number, pagesMax = pagesMaxUsual) {
    this.#file = scratch.file();
    this.#pageBytes = pageBytes;
    this.#pagesMax = pagesMax;
  }

  /** Zeros where nothing was written. Not to be kept beyond the next call. */
  read(page: number): Buffer {
    return this.#find(page).bytes;
  }

  /** To be changed in place, before the next call but one. */
  change(page: number): Buffer {
    const found = this.#find(page);
    found.changed = true;
    return found.bytes;
  }

  #find(number: number): Page {
    const young = this.#young.get(number);
    if (young) return young;
    const page = this.#old.get(number) ?? this.#load(number);
    this.#old.delete(number);
    if (this.#young.size >= this.#pagesMax) this.#turn();
    this.#young.set(number, page);
    return page;
  }

  #load(number: number): Page {
    const bytes = this.#free.pop() ?? Buffer.alloc(this.#pageBytes);
    bytes.fill(0, this.#file.readInto(bytes, number * this.#pageBytes));
    return { bytes, changed: false };
  }

  #turn(): void {
    for (const [number, { bytes, changed }] of this.#old) {
      if (changed) this.#file.overwrite(number * this.#pageBytes, bytes);
      this.#free.push(bytes);
    }
    this.#old = this.#young;
    this.#young = new Map();
  }
}
