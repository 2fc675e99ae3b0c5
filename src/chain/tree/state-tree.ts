/**
 * The state's authenticated index: a binary sparse Merkle tree over SHA-256(key), in which a subtree
 * of one leaf is that leaf and a subtree of none is zero (docs/state-proofs.md). The same keys and
 * values give the same root, whatever order they came in (M-100, M-101). It holds hashes, never keys or values.
 */
import { assert } from '../../base/assert.ts';
import { compareBytes } from '../../base/bytes.ts';
import { sha256, type Sha256 } from '../../base/hash.ts';
import { LevelHasher } from './level-hasher.ts';
import { bitAt, emptyNode, leafMark, pathOf, stateRootOf, valueHashOf } from './state-hash.ts';
import { encodeStateProof, type StateProof } from './state-proof.ts';
import { WordRows } from './word-rows.ts';

export interface KeyChange {
  readonly key: string;
  /** null deletes. */
  readonly value: Uint8Array | null;
}

interface PathChange {
  readonly path: Uint8Array;
  readonly valueHash: Uint8Array | null;
}

/** 0: empty. n > 0: inner row n - 1. n < 0: leaf row -n - 1. */
type NodeRef = number;
const empty: NodeRef = 0;

/** Inner row: left ref, right ref, hash. Leaf row: path, value hash, hash. In words. */
const innerHash = 2;
const innerWords = 10;
const leafValue = 8;
const leafHash = 16;
const leafWords = 24;

/** Paths that are kept at most: those of a full block. */
const pathsMax = 32_768;

/** Of the one proof that is being made: an array for each sibling took most of its time. */
const siblingWords = new Int32Array(256 * 8);
const siblingBytes = Array.from(
  { length: 256 },
  (_, depth) => new Uint8Array(siblingWords.buffer, depth * 32, 32),
);

const markWords = new Int32Array(leafMark.slice().buffer);
const hasher = new LevelHasher();

/**
 * A block's changes are staged on copies of the nodes they touch, so that the committed tree still
 * proves; then committed or abandoned. Not for two stages at once.
 */
export class StateTree {
  readonly #hash: Sha256;
  readonly #inner = new WordRows(innerWords);
  readonly #leaves = new WordRows(leafWords);
  #top: NodeRef = empty;
  #size = 0;
  #staged: { top: NodeRef } | null = null;
  #changes: readonly PathChange[] = [];
  /** New inner nodes by depth, for hashing from the bottom up. */
  #newInner: number[][] = [];
  #newLeaves: number[] = [];
  /** Committed nodes that the staged tree has no use for. */
  #oldInner: number[] = [];
  #oldLeaves: number[] = [];
  /** Of keys that were asked for: most of them are new, and written by the same block. */
  readonly #paths = new Map<string, Uint8Array>();

  /** @param hash of keys and values; the nodes are hashed by level. */
  constructor(hash: Sha256 = sha256) {
    this.#hash = hash;
  }

  /** Committed keys. */
  get size(): number {
    return this.#size;
  }

  /** Memory of all nodes, those of a staged block and those free for the next included. */
  get allocatedBytes(): number {
    return this.#inner.allocatedBytes + this.#leaves.allocatedBytes;
  }

  /** Whether a committed value stands at the key; costs a hash and no more. */
  has(key: string): boolean {
    return this.#leafAt(key) !== empty;
  }

  /** Whether the committed state has just this value at the key, or none where it is null. */
  holds(key: string, value: Uint8Array | null): boolean {
    const leaf = this.#leafAt(key);
    if (leaf === empty || value === null) return leaf === empty && value === null;
    const committed = this.#leafBytes(leaf, leafValue);
    return compareBytes(valueHashOf(value, this.#hash), committed) === 0;
  }

  /** The committed state root. */
  root(): Uint8Array {
    return stateRootOf(this.#hashOf(this.#top));
  }

  /**
   * The root after `changes`, no key twice among them. About 16 µs a change at a million keys, most
   * of it for hashing key and value; nothing is visible before `commit`.
   */
  stage(changes: readonly KeyChange[]): Uint8Array {
    assert(this.#staged === null, 'a staged tree is committed or abandoned first');
    this.#changes = changes
      .map(({ key, value }) => ({
        path: this.#pathOf(key),
        valueHash: value === null ? null : valueHashOf(value, this.#hash),
      }))
      .sort((left, right) => compareBytes(left.path, right.path));
    assert(areDistinct(this.#changes), 'a key changes once in a block');
    const top = this.#update(this.#top, 0, changes.length, 0);
    this.#changes = [];
    this.#hashNew();
    this.#staged = { top };
    return stateRootOf(this.#hashOf(top));
  }

  commit(): void {
    assert(this.#staged, 'only a staged tree is committed');
    this.#top = this.#staged.top;
    this.#size += this.#newLeaves.length - this.#oldLeaves.length;
    for (const row of this.#oldInner) this.#inner.release(row);
    for (const row of this.#oldLeaves) this.#leaves.release(row);
    this.#forgetStage();
  }

  /** Forgets what was staged. */
  abandon(): void {
    for (const rows of this.#newInner) for (const row of rows) this.#inner.release(row);
    for (const row of this.#newLeaves) this.#leaves.release(row);
    this.#forgetStage();
  }

  /** That the key is in the committed state with its value, or that it is not there. */
  prove(key: string): Uint8Array {
    const path = pathOf(key, this.#hash);
    const siblings: Uint8Array[] = [];
    let node = this.#top;
    for (let depth = 0; node > 0; depth += 1) {
      const goesRight = bitAt(path, depth) === 1;
      this.#copyHash(this.#child(node, goesRight ? 0 : 1), siblingWords, depth * 8);
      siblings.push(siblingBytes[depth] as Uint8Array);
      node = this.#child(node, goesRight ? 1 : 0);
    }
    return encodeStateProof({ siblings, end: this.#endOf(node, path) });
  }

  /** Committed; empty where there is none. */
  #leafAt(key: string): NodeRef {
    const path = this.#pathOf(key);
    if (this.#paths.size >= pathsMax) this.#paths.clear();
    this.#paths.set(key, path);
    let node = this.#top;
    for (let depth = 0; node > 0; depth += 1) node = this.#child(node, bitAt(path, depth));
    return node !== empty && this.#isLeafOf(node, path) ? node : empty;
  }

  #endOf(node: NodeRef, path: Uint8Array): StateProof['end'] {
    if (node === empty) return 'empty';
    if (this.#isLeafOf(node, path)) return 'key';
    return { path: this.#leafBytes(node, 0), valueHash: this.#leafBytes(node, leafValue) };
  }

  #pathOf(key: string): Uint8Array {
    return this.#paths.get(key) ?? pathOf(key, this.#hash);
  }

  #forgetStage(): void {
    this.#staged = null;
    this.#paths.clear();
    this.#newInner = [];
    this.#newLeaves = [];
    this.#oldInner = [];
    this.#oldLeaves = [];
  }

  /** The subtree with changes `low` to `high` (exclusive) in it, all of which belong below it. */
  #update(node: NodeRef, low: number, high: number, depth: number): NodeRef {
    if (low === high) return node;
    if (node <= 0) return this.#build(node, low, high, depth);
    const middle = this.#firstRight(low, high, depth);
    const [left, right] = [this.#child(node, 0), this.#child(node, 1)];
    const newLeft = this.#update(left, low, middle, depth + 1);
    const newRight = this.#update(right, middle, high, depth + 1);
    if (newLeft === left && newRight === right) return node;
    this.#oldInner.push(node - 1);
    return this.#join(newLeft, newRight, depth);
  }

  /** @param kept nothing, or the committed leaf that stood here alone. */
  #build(kept: NodeRef, low: number, high: number, depth: number): NodeRef {
    if (low === high) return kept;
    const change = this.#changes[low];
    assert(change, 'a slice of changes lies within them');
    if (high - low === 1) {
      if (kept === empty) return change.valueHash ? this.#addLeaf(change) : empty;
      if (this.#isLeafOf(kept, change.path)) return this.#changeLeaf(kept, change);
      if (!change.valueHash) return kept;
    }
    const middle = this.#firstRight(low, high, depth);
    const keptRight = kept !== empty && this.#bitOfLeaf(kept, depth) === 1;
    const left = this.#build(keptRight ? empty : kept, low, middle, depth + 1);
    const right = this.#build(keptRight ? kept : empty, middle, high, depth + 1);
    return this.#join(left, right, depth);
  }

  /** A leaf beside nothing moves up: this is what makes the tree the same for any history. */
  #join(left: NodeRef, right: NodeRef, depth: number): NodeRef {
    if (left === empty && right <= 0) return right;
    if (right === empty && left <= 0) return left;
    const row = this.#inner.allocate();
    const words = this.#inner.words(row);
    const at = this.#inner.offset(row);
    words[at] = left;
    words[at + 1] = right;
    (this.#newInner[depth] ??= []).push(row);
    return row + 1;
  }

  #addLeaf({ path, valueHash }: PathChange): NodeRef {
    assert(valueHash, 'a leaf has a value');
    const row = this.#leaves.allocate();
    const bytes = this.#leaves.bytes(row);
    const at = this.#leaves.offset(row) * 4;
    bytes.set(path, at);
    bytes.set(valueHash, at + leafValue * 4);
    this.#newLeaves.push(row);
    return -row - 1;
  }

  #changeLeaf(leaf: NodeRef, change: PathChange): NodeRef {
    const { valueHash } = change;
    if (valueHash && compareBytes(valueHash, this.#leafBytes(leaf, leafValue)) === 0) return leaf;
    this.#oldLeaves.push(-leaf - 1);
    return valueHash ? this.#addLeaf(change) : empty;
  }

  /** The first of the changes `low` to `high` that goes right at `depth`; `high` where none does. */
  #firstRight(low: number, high: number, depth: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (bitAt(this.#changes[middle]?.path ?? emptyNode, depth) === 1) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  #hashNew(): void {
    const leaves = this.#leaves;
    const takeLeaf = (row: number, digest: Int32Array, at: number): void =>
      copyWords(digest, at, leaves.words(row), leaves.offset(row) + leafHash, 8);
    hasher.run(
      this.#newLeaves,
      (row, words, at) => copyWords(leaves.words(row), leaves.offset(row), words, at, 16),
      takeLeaf,
    );
    hasher.run(
      this.#newLeaves,
      (row, words, at) => {
        copyWords(leaves.words(row), leaves.offset(row) + leafHash, words, at, 8);
        copyWords(markWords, 0, words, at + 8, 8);
      },
      takeLeaf,
    );
    for (let depth = this.#newInner.length - 1; depth >= 0; depth -= 1) {
      this.#hashInner(this.#newInner[depth] ?? []);
    }
  }

  #hashInner(rows: readonly number[]): void {
    const inner = this.#inner;
    hasher.run(
      rows,
      (row, words, at) => {
        this.#copyHash(this.#child(row + 1, 0), words, at);
        this.#copyHash(this.#child(row + 1, 1), words, at + 8);
      },
      (row, digest, at) =>
        copyWords(digest, at, inner.words(row), inner.offset(row) + innerHash, 8),
    );
  }

  #copyHash(node: NodeRef, target: Int32Array, at: number): void {
    if (node === empty) target.fill(0, at, at + 8);
    else if (node > 0) {
      const row = node - 1;
      copyWords(this.#inner.words(row), this.#inner.offset(row) + innerHash, target, at, 8);
    } else {
      const row = -node - 1;
      copyWords(this.#leaves.words(row), this.#leaves.offset(row) + leafHash, target, at, 8);
    }
  }

  #hashOf(node: NodeRef): Uint8Array {
    const words = new Int32Array(8);
    this.#copyHash(node, words, 0);
    return new Uint8Array(words.buffer);
  }

  #child(node: NodeRef, side: number): NodeRef {
    const row = node - 1;
    return this.#inner.words(row)[this.#inner.offset(row) + side] ?? empty;
  }

  #bitOfLeaf(leaf: NodeRef, depth: number): number {
    const row = -leaf - 1;
    const byte = this.#leaves.bytes(row)[this.#leaves.offset(row) * 4 + (depth >> 3)] ?? 0;
    return (byte >> (7 - (depth & 7))) & 1;
  }

  #isLeafOf(leaf: NodeRef, path: Uint8Array): boolean {
    return compareBytes(this.#leafBytes(leaf, 0), path) === 0;
  }

  /** 32 bytes of a leaf's row, copied: the row may be given out again. */
  #leafBytes(leaf: NodeRef, word: number): Uint8Array {
    const row = -leaf - 1;
    const at = (this.#leaves.offset(row) + word) * 4;
    return this.#leaves.bytes(row).slice(at, at + 32);
  }
}

const areDistinct = (sorted: readonly PathChange[]): boolean =>
  sorted.every((change, index) => {
    const before = sorted[index - 1];
    return !before || compareBytes(before.path, change.path) !== 0;
  });

function copyWords(
  source: Int32Array,
  from: number,
  target: Int32Array,
  to: number,
  count: number,
): void {
  for (let index = 0; index < count; index += 1) target[to + index] = source[from + index] ?? 0;
}
