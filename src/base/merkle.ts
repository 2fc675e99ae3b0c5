/**
 * RFC 6962 Merkle tree (M-72, M-103), of the event log and of rows: leaf SHA-256(00 ‖ bytes), node
 * SHA-256(01 ‖ l ‖ r), and the left subtree of n leaves holds the largest power of two below n.
 */
import { assert } from './assert.ts';
import { concat, equalBytes } from './bytes.ts';
import { sha256, type Sha256 } from './hash.ts';
import { HashList } from './hash-list.ts';

/** What is hashed is put together here: an array of its own for each costs as much as its hash. */
let leafInput = new Uint8Array(4_096);
const nodePrefix = Uint8Array.of(1);
const nodeInput = new Uint8Array(65);
nodeInput.set(nodePrefix);

export function leafHash(bytes: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  const size = bytes.length + 1;
  if (size > leafInput.length) leafInput = new Uint8Array(2 * size);
  leafInput.set(bytes, 1);
  return hash(leafInput.subarray(0, size));
}

/** Of an inner node. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  // What a proof brings may be no hash; then nothing of an earlier input may stay in its place.
  if (left.length !== 32 || right.length !== 32) return hash(concat(nodePrefix, left, right));
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return hash(nodeInput);
}

/** The root of no leaves: SHA-256 of nothing. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array());

/**
 * Append-only. Complete subtrees are kept by level, so a root or a proof costs O(log² n) at most;
 * memory is 64 bytes a leaf.
 */
export class MerkleLog {
  /** levels[h][i]: hash of the complete subtree of 2^h leaves that begins at leaf i·2^h. */
  readonly #levels: HashList[] = [];
  readonly #hash: Sha256;

  constructor(hash: Sha256 = sha256) {
    this.#hash = hash;
  }

  get size(): number {
    return this.#level(0).length;
  }

  /** @returns the leaf's index. */
  append(hash: Uint8Array): number {
    const index = this.size;
    let node = hash;
    for (let height = 0; ; height += 1) {
      const level = this.#level(height);
      level.push(node);
      if (level.length % 2 === 1) return index;
      node = nodeHash(at(level, level.length - 2), node, this.#hash);
    }
  }

  /** Forgets leaves from `size` on: a staged block that was not committed. */
  truncate(size: number): void {
    for (const [height, level] of this.#levels.entries()) {
      level.truncate(Math.floor(size / 2 ** height));
    }
  }

  leafHashAt(index: number): Uint8Array {
    return at(this.#level(0), index);
  }

  /** Hash of the complete subtree of 2^height leaves that begins at leaf index·2^height. */
  subtreeHash(height: number, index: number): Uint8Array {
    return at(this.#level(height), index);
  }

  /** Root of the first `size` leaves. */
  root(size = this.size): Uint8Array {
    assert(size >= 0 && size <= this.size, 'a root is of leaves that are there');
    return size === 0 ? emptyRoot() : this.#subtree(0, size);
  }

  /** Sibling hashes from leaf to root for the first `size` leaves (RFC 6962, 2.1.1). */
  inclusionProof(index: number, size = this.size): Uint8Array[] {
    assert(index >= 0 && index < size && size <= this.size, 'a proof is of a leaf that is there');
    return this.#path(index, 0, size);
  }

  /** That the tree of `oldSize` leaves is a prefix of that of `size` (RFC 6962, 2.1.2). */
  consistencyProof(oldSize: number, size = this.size): Uint8Array[] {
    assert(oldSize > 0 && oldSize <= size && size <= this.size, 'sizes in order, from 1');
    return this.#consistency(oldSize, 0, size, true);
  }

  #level(height: number): HashList {
    return (this.#levels[height] ??= new HashList());
  }

  #subtree(start: number, size: number): Uint8Array {
    if (isPowerOfTwo(size)) return at(this.#level(heightOf(size)), Math.floor(start / size));
    const left = splitPoint(size);
    return nodeHash(
      this.#subtree(start, left),
      this.#subtree(start + left, size - left),
      this.#hash,
    );
  }

  #path(index: number, start: number, size: number): Uint8Array[] {
    if (size === 1) return [];
    const left = splitPoint(size);
    return index < left
      ? [...this.#path(index, start, left), this.#subtree(start + left, size - left)]
      : [...this.#path(index - left, start + left, size - left), this.#subtree(start, left)];
  }

  #consistency(oldSize: number, start: number, size: number, whole: boolean): Uint8Array[] {
    if (oldSize === size) return whole ? [] : [this.#subtree(start, size)];
    const left = splitPoint(size);
    return oldSize <= left
      ? [
          ...this.#consistency(oldSize, start, left, whole),
          this.#subtree(start + left, size - left),
        ]
      : [
          ...this.#consistency(oldSize - left, start + left, size - left, false),
          this.#subtree(start, left),
        ];
  }
}

/** The largest power of two below `size` (size > 1). */
export function splitPoint(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function at(level: HashList, index: number): Uint8Array {
  const hash = level.at(index);
  assert(hash, 'a complete subtree has its hash');
  return hash;
}

/** The root that the proof leads to, or null where proof, index and size do not fit together. */
export function rootFromInclusionProof(
  hash: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return null;
  if (index < 0 || index >= size || hash.length !== 32) return null;
  const walk = (
    position: number,
    leaves: number,
    left: readonly Uint8Array[],
  ): Uint8Array | null => {
    if (leaves === 1) return left.length === 0 ? hash : null;
    const sibling = left.at(-1);
    if (sibling?.length !== 32) return null;
    const split = splitPoint(leaves);
    const inner = left.slice(0, -1);
    const below =
      position < split
        ? walk(position, split, inner)
        : walk(position - split, leaves - split, inner);
    if (!below) return null;
    return position < split ? nodeHash(below, sibling) : nodeHash(sibling, below);
  };
  return walk(index, size, proof);
}

/** True where the leaf hash stands at `index` under `root` of `size` leaves. */
export function verifyInclusion(
  hash: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const found = rootFromInclusionProof(hash, index, size, proof);
  return found !== null && equalBytes(found, root);
}

/** True where the tree of `oldSize` leaves under `oldRoot` is a prefix of the other (RFC 9162, 2.1.4.2). */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(size)) return false;
  if (oldSize < 1 || oldSize > size) return false;
  if (proof.some((hash) => hash.length !== 32)) return false;
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  const first = path.shift();
  if (!first) return false;
  let oldNode = oldSize - 1;
  let node = size - 1;
  while (oldNode % 2 === 1) {
    oldNode = Math.floor(oldNode / 2);
    node = Math.floor(node / 2);
  }
  let oldFound = first;
  let found = first;
  for (const hash of path) {
    if (node === 0) return false;
    if (oldNode % 2 === 1 || oldNode === node) {
      oldFound = nodeHash(hash, oldFound);
      found = nodeHash(hash, found);
      while (oldNode % 2 === 0 && oldNode !== 0) {
        oldNode = Math.floor(oldNode / 2);
        node = Math.floor(node / 2);
      }
    } else {
      found = nodeHash(found, hash);
    }
    oldNode = Math.floor(oldNode / 2);
    node = Math.floor(node / 2);
  }
  return node === 0 && equalBytes(oldFound, oldRoot) && equalBytes(found, root);
}

/** @param size no less than 1 */
export const isPowerOfTwo = (size: number): boolean => size === 1 || splitPoint(size) * 2 === size;

/** Of a complete subtree of `size` leaves, a power of two. */
export function heightOf(size: number): number {
  let height = 0;
  for (let leaves = 1; leaves < size; leaves *= 2) height += 1;
  return height;
}
