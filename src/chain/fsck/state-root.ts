/**
 * M-94: the state tree by other code than the machine's (docs/state-proofs.md). What stands at a path is in
 * pages of a scratch file, each of a subtree of at most 16 keys; in memory are the hashes above the pages,
 * about twenty bytes a key, and the pages that were used last.
 */
import { sha256, type Digest } from './digest.ts';
import { PageCache } from './page-cache.ts';
import type { Scratch } from './scratch.ts';

/** Of a key: the hash of its leaf, and where its value stands in another file. */
export interface StateEntry {
  readonly leaf: Digest;
  readonly at: number;
  readonly length: number;
}

interface Bucket {
  readonly page: number;
  count: number;
  /** null where it has changed. */
  hash: Digest | null;
}

interface Fork {
  left: Branch;
  right: Branch;
  /** Keys below: a subtree of one key is that key's leaf, at whatever depth. */
  count: number;
  hash: Digest | null;
}

type Branch = Bucket | Fork;

const entriesMax = 16;
/** Path, hash of the leaf, place and length of the value. */
const hashBytes = 32;
const placeAt = 2 * hashBytes;
const lengthAt = placeAt + 8;
const entryBytes = lengthAt + 4;
const pageBytes = entriesMax * entryBytes;

const nothing: Digest = '\0'.repeat(hashBytes);
const leafMark = 'dxl/state-leaf/1 a leaf, not two';
const isFork = (branch: Branch): branch is Fork => 'left' in branch;
const bitAt = (byte: number | undefined, depth: number): number =>
  ((byte ?? 0) >> (7 - (depth & 7))) & 1;

export const pathOf = (key: string): Digest => sha256(Buffer.from(key));

export const leafOf = (path: Digest, value: Uint8Array): Digest =>
  sha256(sha256(path, sha256(value)), leafMark);

export class StateRoot {
  readonly #pages: PageCache;
  #pageCount = 1;
  #top: Branch = { page: 0, count: 0, hash: null };

  constructor(scratch: Scratch) {
    this.#pages = new PageCache(scratch, pageBytes);
  }

  /** Keys that have a value. */
  get size(): number {
    return this.#top.count;
  }

  /** The tagged hash of the topmost node. */
  root(): Digest {
    const tag = 'dxl/state-root/1';
    return sha256(String.fromCharCode(tag.length), tag, this.#hashOf(this.#top, 0));
  }

  get(path: Digest): StateEntry | null {
    const bytes = Buffer.from(path, 'latin1');
    let branch = this.#top;
    for (let depth = 0; isFork(branch); depth += 1) {
      branch = bitAt(bytes[depth >> 3], depth) === 0 ? branch.left : branch.right;
    }
    const page = this.#pages.read(branch.page);
    const at = search(page, branch.count, bytes);
    return at >= 0 ? entryAt(page, at) : null;
  }

  /**
   * @param entry null takes the key out.
   * @returns what stood there before.
   */
  set(path: Digest, entry: StateEntry | null): StateEntry | null {
    const bytes = Buffer.from(path, 'latin1');
    const { bucket, above } = this.#open(bytes, entry !== null);
    const page = this.#pages.change(bucket.page);
    const found = search(page, bucket.count, bytes);
    const before = found >= 0 ? entryAt(page, found) : null;
    const change = (entry ? 1 : 0) - (before ? 1 : 0);
    if (entry) {
      const at = found >= 0 ? found : ~found;
      if (!before) {
        page.copyWithin((at + 1) * entryBytes, at * entryBytes, bucket.count * entryBytes);
      }
      putEntry(page, at, bytes, entry);
    } else if (before) {
      page.copyWithin(found * entryBytes, (found + 1) * entryBytes, bucket.count * entryBytes);
    }
    bucket.count += change;
    bucket.hash = null;
    for (const fork of above) {
      fork.count += change;
      fork.hash = null;
    }
    return before;
  }

  /** The bucket of a path, with room for one more where it is to be put there. */
  #open(path: Buffer, room: boolean): { readonly bucket: Bucket; readonly above: readonly Fork[] } {
    const above: Fork[] = [];
    let branch = this.#top;
    for (let depth = 0; ; depth += 1) {
      if (!isFork(branch)) {
        if (!room || branch.count < entriesMax) return { bucket: branch, above };
        const parted = this.#part(branch, depth);
        const fork = above.at(-1);
        if (!fork) this.#top = parted;
        else if (fork.left === branch) fork.left = parted;
        else fork.right = parted;
        branch = parted;
      }
      above.push(branch);
      branch = bitAt(path[depth >> 3], depth) === 0 ? branch.left : branch.right;
    }
  }

  /** A full bucket as two, by the bit at this depth; entries are in order of their paths. */
  #part({ page, count }: Bucket, depth: number): Fork {
    const full = this.#pages.change(page);
    const split = boundary(full, 0, count, depth);
    const other = this.#pageCount++;
    this.#pages.change(other).set(full.subarray(split * entryBytes, count * entryBytes));
    return {
      left: { page, count: split, hash: null },
      right: { page: other, count: count - split, hash: null },
      ...{ count, hash: null },
    };
  }

  #hashOf(branch: Branch, depth: number): Digest {
    if (branch.hash !== null) return branch.hash;
    branch.hash = isFork(branch)
      ? this.#hashOfFork(branch, depth)
      : this.#hashOfBucket(branch, depth);
    return branch.hash;
  }

  #hashOfFork({ left, right, count }: Fork, depth: number): Digest {
    if (count === 0) return nothing;
    if (count === 1) return this.#hashOf(left.count === 1 ? left : right, depth + 1);
    return sha256(this.#hashOf(left, depth + 1), this.#hashOf(right, depth + 1));
  }

  #hashOfBucket({ page, count }: Bucket, depth: number): Digest {
    return hashOfRange(this.#pages.read(page), 0, count, depth);
  }
}

function hashOfRange(page: Buffer, from: number, to: number, depth: number): Digest {
  if (from === to) return nothing;
  if (to - from === 1) return entryAt(page, from).leaf;
  const split = boundary(page, from, to, depth);
  return sha256(hashOfRange(page, from, split, depth + 1), hashOfRange(page, split, to, depth + 1));
}

/** The first entry of a range whose path has a 1 at this depth. */
function boundary(page: Buffer, from: number, to: number, depth: number): number {
  let at = from;
  while (at < to && bitAt(page[at * entryBytes + (depth >> 3)], depth) === 0) at += 1;
  return at;
}

/** Index of a path's entry, or the complement of where it belongs. */
function search(page: Buffer, count: number, path: Buffer): number {
  let [low, high] = [0, count - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const from = middle * entryBytes;
    const order = page.compare(path, 0, hashBytes, from, from + hashBytes);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

function entryAt(page: Buffer, index: number): StateEntry {
  const from = index * entryBytes;
  return {
    leaf: page.toString('latin1', from + hashBytes, from + placeAt),
    at: page.readDoubleBE(from + placeAt),
    length: page.readUInt32BE(from + lengthAt),
  };
}

function putEntry(page: Buffer, index: number, path: Buffer, entry: StateEntry): void {
  const from = index * entryBytes;
  page.set(path, from);
  page.write(entry.leaf, from + hashBytes, 'latin1');
  page.writeDoubleBE(entry.at, from + placeAt);
  page.writeUInt32BE(entry.length, from + lengthAt);
}
