import { concat, utf8 } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import type { DomainTag } from '../../base/hash.ts';
import { leafHash } from '../../base/merkle.ts';
import { itemEnd, type CanonicalRows } from './canonical-rows.ts';
import { RootStack } from './root-stack.ts';

/** Rows of a block: what the bare root and the index of differences are made of. */
export const blockRows = 1_024;
/** Bytes of a digest of the index. */
export const indexDigestBytes = 16;

/** SHA-256 in pieces: node:crypto's, or @noble/hashes' where there is none. */
export interface HashStream {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

export type MakeHash = () => HashStream;

const framed = (tag: DomainTag): Uint8Array => {
  const name = utf8(tag);
  return concat(Uint8Array.of(name.length), name);
};
const blockTag = framed('dxl/block/1');
const columnTag = framed('dxl/block-column/1');

/**
 * Per block of 1,024 rows one digest of its canonical rows, whose RFC 6962 root is what a bare root
 * rests on, and one salted digest of each column, by which two tables are told apart in place.
 */
export class BlockDigests {
  readonly #makeHash: MakeHash;
  readonly #key: Uint8Array;
  readonly #tree = new RootStack();
  #block: HashStream;
  #columns: HashStream[] = [];
  #rowsInBlock = 0;
  #blocks = 0;
  #gathered = new Uint8Array(2 ** 12);
  /** Blocks, each with a digest of each column. */
  readonly #index: Uint8Array[] = [];

  /** @param key 32 random bytes: the salt of the index */
  constructor(makeHash: MakeHash, key: Uint8Array) {
    this.#makeHash = makeHash;
    this.#key = key;
    this.#block = this.#begun(blockTag);
  }

  add(batch: CanonicalRows): void {
    for (let row = 0; row < batch.rows;) {
      const end = Math.min(batch.rows, row + blockRows - this.#rowsInBlock);
      this.#take(batch, row, end);
      row = end;
      if (this.#rowsInBlock === blockRows) this.#close();
    }
  }

  /** The root over the blocks; and of each block in turn the digests of its columns. */
  end(): { readonly root: Uint8Array; readonly index: Uint8Array } {
    if (this.#rowsInBlock > 0) this.#close();
    return { root: this.#tree.root(), index: concat(...this.#index) };
  }

  #begun(...parts: readonly Uint8Array[]): HashStream {
    const hash = this.#makeHash();
    hash.update(concat(...parts));
    return hash;
  }

  #take(batch: CanonicalRows, from: number, to: number): void {
    const { bytes, rowStarts, columns } = batch;
    this.#block.update(bytes.subarray(rowStarts[from], rowStarts[to]));
    for (let column = 0; column < columns; column += 1) {
      const hash = (this.#columns[column] ??= this.#begun(
        ...[columnTag, this.#key, encodeCbor([BigInt(this.#blocks), BigInt(column)])],
      ));
      hash.update(this.#gather(batch, from, to, column));
    }
    this.#rowsInBlock += to - from;
  }

  /** The items of one column, one behind another. */
  #gather(batch: CanonicalRows, from: number, to: number, column: number): Uint8Array {
    const { bytes, itemStarts, columns } = batch;
    let size = 0;
    for (let row = from; row < to; row += 1) {
      const start = itemStarts[row * columns + column] as number;
      const end = itemEnd(batch, row, column);
      if (size + end - start > this.#gathered.length) this.#grow(size, end - start);
      const gathered = this.#gathered;
      for (let at = start; at < end; at += 1, size += 1) gathered[size] = bytes[at] as number;
    }
    return this.#gathered.subarray(0, size);
  }

  #grow(size: number, wanted: number): void {
    const larger = new Uint8Array(2 * (size + wanted));
    larger.set(this.#gathered.subarray(0, size));
    this.#gathered = larger;
  }

  #close(): void {
    this.#tree.push(leafHash(this.#block.digest()), 0);
    const digests = new Uint8Array(indexDigestBytes * this.#columns.length);
    for (const [column, hash] of this.#columns.entries()) {
      digests.set(hash.digest().subarray(0, indexDigestBytes), indexDigestBytes * column);
    }
    this.#index.push(digests);
    this.#blocks += 1;
    this.#rowsInBlock = 0;
    this.#block = this.#begun(blockTag);
    this.#columns = [];
  }
}
