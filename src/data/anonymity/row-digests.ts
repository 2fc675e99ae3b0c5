import { keyedState, shortHash, type KeptState } from '../digest/short-hash.ts';
import { itemEnd, type CanonicalRows } from '../fingerprint/canonical-rows.ts';
import { rowDigestBytes, type DigestPartitions } from './digest-partitions.ts';

const nullItem = 0xf6;

/** Of each row the first 16 bytes of SHA-256(key ‖ 32 zeros ‖ its items), whole or of some columns. */
export class RowDigests {
  readonly #kept: KeptState;
  readonly #digest = new Uint8Array(rowDigestBytes);
  #items = new Uint8Array(2 ** 10);

  /** @param key 32 random bytes */
  constructor(key: Uint8Array) {
    this.#kept = {
      before: keyedState(key),
      blocksBefore: 1,
      words: Math.trunc(rowDigestBytes / 4),
    };
  }

  /** @param onRow is given the digest of each whole row: a view, until the next */
  whole(batch: CanonicalRows, onRow: (digest: Uint8Array) => void): void {
    const { bytes, rows, rowStarts } = batch;
    for (let row = 0; row < rows; row += 1) {
      const [start, end] = [rowStarts[row] as number, rowStarts[row + 1] as number];
      shortHash(bytes, start, end, this.#digest, 0, this.#kept);
      onRow(this.#digest);
    }
  }

  /** @returns how many rows have a missing cell in one of the columns, and are not in `classes` */
  ofColumns(batch: CanonicalRows, columns: readonly number[], classes: DigestPartitions): number {
    let leftOut = 0;
    for (let row = 0; row < batch.rows; row += 1) {
      const size = this.#gather(batch, row, columns);
      if (size < 0) {
        leftOut += 1;
        continue;
      }
      shortHash(this.#items, 0, size, this.#digest, 0, this.#kept);
      classes.add(this.#digest, 0);
    }
    return leftOut;
  }

  /** Bytes gathered; −1 where a cell is missing. */
  #gather(batch: CanonicalRows, row: number, columns: readonly number[]): number {
    const { bytes, itemStarts } = batch;
    let size = 0;
    for (const column of columns) {
      const start = itemStarts[row * batch.columns + column] as number;
      if (bytes[start] === nullItem) return -1;
      const end = itemEnd(batch, row, column);
      if (size + end - start > this.#items.length) this.#grow(size, end - start);
      for (let at = start; at < end; at += 1, size += 1) this.#items[size] = bytes[at] as number;
    }
    return size;
  }

  #grow(size: number, wanted: number): void {
    const larger = new Uint8Array(2 * (size + wanted));
    larger.set(this.#items.subarray(0, size));
    this.#items = larger;
  }
}
