import { concat, utf8 } from '../../base/bytes.ts';
import type { DomainTag } from '../../base/hash.ts';
import { shortHash } from '../digest/short-hash.ts';
import type { CanonicalRows } from './canonical-rows.ts';
import { RootStack } from './root-stack.ts';
import { Salts, seedBytes, seedTreeDepth } from './seed-tree.ts';

/** A row whose canonical bytes are more is divided: see docs/fingerprint.md. */
export const wholeRowBytesMax = 40_960;
export const rowPartBytes = 16_384;

/** 00, the prefix of leaves of RFC 6962, and the tag as `taggedHash` frames it. */
const leafPrefix = (tag: DomainTag): Uint8Array => {
  const name = utf8(tag);
  return concat(Uint8Array.of(0, name.length), name);
};
const rowPrefix = leafPrefix('dxl/row/2');
const partPrefix = leafPrefix('dxl/row-part/2');
const widePrefix = leafPrefix('dxl/wide-row/2');

/**
 * The salted tree: RFC 6962 over H(00 ‖ tag ‖ salt ‖ canonical row). Of a node of the seed tree it
 * gives the root of that node's rows: the whole table's, or one chunk's.
 */
export class SaltedRows {
  readonly #salts: Salts;
  readonly #tree = new RootStack();
  readonly #leaf = new Uint8Array(32);
  #input = new Uint8Array(2 ** 10);

  /** @param height of the seed's node; the table's own has `seedTreeDepth`. */
  constructor(seed: Uint8Array, height = seedTreeDepth) {
    this.#salts = new Salts(seed, height);
    this.#input.set(rowPrefix);
  }

  get rows(): number {
    return this.#tree.size;
  }

  /** @param onLeaf is given the leaf of each row: a view, until the next */
  add({ bytes, rows, rowStarts }: CanonicalRows, onLeaf?: (leaf: Uint8Array) => void): void {
    for (let row = 0; row < rows; row += 1) {
      this.#row(bytes, rowStarts[row] as number, rowStarts[row + 1] as number);
      this.#tree.push(this.#leaf, 0);
      onLeaf?.(this.#leaf);
    }
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  #row(bytes: Uint8Array, start: number, end: number): void {
    const saltAt = rowPrefix.length;
    const rowAt = saltAt + seedBytes;
    const isWide = end - start > wholeRowBytesMax;
    const size = rowAt + (isWide ? 0 : end - start);
    if (size > this.#input.length) {
      this.#input = new Uint8Array(2 * size);
      this.#input.set(rowPrefix);
    }
    const input = this.#input;
    this.#salts.next(input, saltAt);
    if (isWide) {
      this.#leaf.set(wideRowLeaf(input.slice(saltAt, rowAt), bytes.subarray(start, end)));
      return;
    }
    for (let at = start, to = rowAt; at < end; at += 1, to += 1) input[to] = bytes[at] as number;
    shortHash(input, 0, size, this.#leaf, 0);
  }
}

/**
 * The leaf of a row of more than 40,960 bytes: H(00 ‖ tag ‖ length as 4 bytes ‖ root over its parts of
 * 16,384 bytes), each part salted by a leaf of a tree of 16 levels below the row's own salt.
 */
export function wideRowLeaf(salt: Uint8Array, row: Uint8Array): Uint8Array {
  const salts = new Salts(salt, 16);
  const parts = new RootStack();
  const leaf = new Uint8Array(32);
  for (let at = 0; at < row.length; at += rowPartBytes) {
    const part = row.subarray(at, at + rowPartBytes);
    const partSalt = new Uint8Array(seedBytes);
    salts.next(partSalt, 0);
    const input = concat(partPrefix, partSalt, part);
    shortHash(input, 0, input.length, leaf, 0);
    parts.push(leaf, 0);
  }
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, row.length);
  const input = concat(widePrefix, length, parts.root());
  shortHash(input, 0, input.length, leaf, 0);
  return leaf.slice();
}
