/**
 * Salts of rows: the leaves of a binary tree of seeds (Goldreich, Goldwasser, Micali 1986), in which
 * a child is HMAC-SHA-256(parent, 00) on the left and HMAC-SHA-256(parent, 01) on the right. Whoever is
 * given one node's seed computes the salts of its rows, and nothing of any other.
 */
import { assert } from '../../base/assert.ts';
import {
  blockWords,
  compressWords,
  initialState,
  writeWords,
  type HashState,
} from '../digest/sha256-words.ts';

/** Levels from the root to the salts: the tree has 2^40 of them, and rows take the first. */
export const seedTreeDepth = 40;
export const seedBytes = 32;

const initial = initialState();

/** A node from which both children are computed: the states behind the pads of its HMAC. */
interface Parent {
  readonly inner: HashState;
  readonly outer: HashState;
}

const newParent = (): Parent => ({ inner: initialState(), outer: initialState() });

/** @param seed eight words */
function setParent({ inner, outer }: Parent, seed: Int32Array): void {
  padded(inner, seed, 0x36363636);
  padded(outer, seed, 0x5c5c5c5c);
}

function padded(state: HashState, seed: Int32Array, pad: number): void {
  for (let word = 0; word < 8; word += 1) blockWords[word] = (seed[word] as number) ^ pad;
  blockWords.fill(pad, 8);
  state.set(initial);
  compressWords(state);
}

/** HMAC of one byte. The outer message is the inner digest: 32 bytes behind a block. */
function child({ inner, outer }: Parent, bit: number, out: Int32Array): void {
  blockWords.fill(0);
  blockWords[0] = (bit << 24) | 0x80_0000;
  blockWords[15] = (64 + 1) * 8;
  out.set(inner);
  compressWords(out);
  blockWords.fill(0);
  blockWords.set(out);
  blockWords[8] = 0x8000_0000 | 0;
  blockWords[15] = (64 + 32) * 8;
  out.set(outer);
  compressWords(out);
}

function wordsOf(seed: Uint8Array): Int32Array {
  assert(seed.length === seedBytes, 'a seed has 32 bytes');
  const view = new DataView(seed.buffer, seed.byteOffset, seedBytes);
  return Int32Array.from({ length: 8 }, (_, word) => view.getInt32(4 * word));
}

/** Whether the path to `index`, of `levels` steps, turns right at step `level`. */
const turn = (index: number, levels: number, level: number): number =>
  Math.trunc(index / 2 ** (levels - 1 - level)) % 2;

/**
 * Seed of the node that has 2^height salts below it, the `index`th of its level from the left.
 * @param seed of the root, which has 2^rootHeight salts below it
 */
export function seedAt(
  seed: Uint8Array,
  height: number,
  index: number,
  rootHeight = seedTreeDepth,
): Uint8Array {
  const levels = rootHeight - height;
  const words = wordsOf(seed);
  const parent = newParent();
  for (let level = 0; level < levels; level += 1) {
    setParent(parent, words);
    child(parent, turn(index, levels, level), words);
  }
  const out = new Uint8Array(seedBytes);
  writeWords(words, 8, out, 0);
  return out;
}

/** Salts one after another, at six compressions each. */
export class Salts {
  readonly #levels: number;
  /** parents[l] is the node at level l on the path to the salt at hand. */
  readonly #parents: Parent[];
  readonly #words = new Int32Array(8);
  #next = 0;

  /** @param height of the node whose seed is given: 2^height salts are below it. */
  constructor(seed: Uint8Array, height = seedTreeDepth) {
    this.#levels = height;
    this.#parents = Array.from({ length: height }, newParent);
    const [root] = this.#parents;
    this.#words.set(wordsOf(seed));
    if (root) setParent(root, this.#words);
  }

  /** Writes the next salt, 32 bytes. */
  next(out: Uint8Array, at: number): void {
    const levels = this.#levels;
    assert(this.#next < 2 ** levels, 'a tree has 2^height salts');
    // The path turns right where the last one turned left, below which everything is new.
    let level = this.#next === 0 ? 0 : levels - 1 - trailingZeros(this.#next);
    for (; level < levels; level += 1) {
      child(this.#parents[level] as Parent, turn(this.#next, levels, level), this.#words);
      const below = this.#parents[level + 1];
      if (below) setParent(below, this.#words);
    }
    writeWords(this.#words, 8, out, at);
    this.#next += 1;
  }
}

function trailingZeros(value: number): number {
  let zeros = 0;
  for (let rest = value; rest % 2 === 0; rest = Math.trunc(rest / 2)) zeros += 1;
  return zeros;
}
