import { setMissing, type RowBatch } from '../row-batch.ts';
import type { ColumnDescription } from '../description/table.ts';

/**
 * Rows as they are digested: of each row the canonical CBOR array of its cells, a text or, where it is
 * missing, null. A view: it holds until the next batch is made canonical.
 */
export interface CanonicalRows {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  /** Row r is `bytes[rowStarts[r]]` up to `bytes[rowStarts[r + 1]]`. */
  readonly rowStarts: Uint32Array;
  /** Where each cell's item begins; it ends where the next begins, or the row ends. */
  readonly itemStarts: Uint32Array;
}

/** Where a cell's item ends. */
export const itemEnd = (
  { itemStarts, rowStarts, columns }: CanonicalRows,
  row: number,
  column: number,
): number =>
  (column + 1 < columns ? itemStarts[row * columns + column + 1] : rowStarts[row + 1]) as number;

/** Markers of one column by their first byte, so that most cells are passed at one look. */
class Markers {
  readonly #isEmptyMissing: boolean;
  readonly #byFirst = new Map<number, Uint8Array[]>();
  readonly #begins = new Uint8Array(256);

  constructor(missing: readonly string[]) {
    this.#isEmptyMissing = missing.includes('');
    for (const marker of missing) {
      const bytes = new TextEncoder().encode(marker);
      const first = bytes[0];
      if (first === undefined) continue;
      this.#begins[first] = 1;
      this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), bytes]);
    }
  }

  isMissing(bytes: Uint8Array, start: number, end: number): boolean {
    if (start >= end) return this.#isEmptyMissing;
    const first = bytes[start] as number;
    if (this.#begins[first] === 0) return false;
    return (this.#byFirst.get(first) ?? []).some((marker) => isEqual(marker, bytes, start, end));
  }
}

function isEqual(marker: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (marker.length !== end - start) return false;
  for (let at = 0; at < marker.length; at += 1) {
    if (marker[at] !== bytes[start + at]) return false;
  }
  return true;
}

/** Marks the cells of batches that hold a declared marker as missing. */
export class MissingCells {
  readonly #markers: readonly Markers[];

  constructor(columns: readonly Pick<ColumnDescription, 'missing'>[]) {
    this.#markers = columns.map(({ missing }) => new Markers(missing));
  }

  mark(batch: RowBatch): void {
    const { bytes, starts, ends, columns } = batch;
    for (const [column, markers] of this.#markers.entries()) {
      for (let cell = column; cell < starts.length; cell += columns) {
        const start = starts[cell] as number;
        const end = ends[cell] as number;
        if (end >= start && markers.isMissing(bytes, start, end)) setMissing(batch, cell);
      }
    }
  }
}

const nullItem = 0xf6;
const longestHead = 5;
/** Up to here a loop is quicker than a call. */
const shortText = 48;

/** Writes batches whose missing cells are marked as canonical rows, into one buffer that grows. */
export class CanonicalWriter {
  #bytes = new Uint8Array(2 ** 12);
  #rowStarts = new Uint32Array(2 ** 6);
  #itemStarts = new Uint32Array(2 ** 6);
  #at = 0;

  write(batch: RowBatch): CanonicalRows {
    const { rows, columns, starts, ends } = batch;
    if (this.#rowStarts.length < rows + 1) this.#rowStarts = new Uint32Array(2 * (rows + 1));
    if (this.#itemStarts.length < starts.length) {
      this.#itemStarts = new Uint32Array(2 * starts.length);
    }
    this.#at = 0;
    for (let row = 0, cell = 0; row < rows; row += 1) {
      this.#rowStarts[row] = this.#at;
      this.#room(longestHead);
      this.#head(0x80, columns);
      for (let column = 0; column < columns; column += 1, cell += 1) {
        this.#itemStarts[cell] = this.#at;
        this.#item(batch.bytes, starts[cell] as number, ends[cell] as number);
      }
    }
    this.#rowStarts[rows] = this.#at;
    return {
      bytes: this.#bytes,
      rows,
      columns,
      rowStarts: this.#rowStarts,
      itemStarts: this.#itemStarts,
    };
  }

  #item(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#room(longestHead + Math.max(length, 0));
    if (length < 0) {
      this.#bytes[this.#at] = nullItem;
      this.#at += 1;
      return;
    }
    this.#head(0x60, length);
    const bytes = this.#bytes;
    let at = this.#at;
    if (length > shortText) {
      bytes.set(from.subarray(start, end), at);
      this.#at = at + length;
      return;
    }
    for (let byte = start; byte < end; byte += 1, at += 1) bytes[at] = from[byte] as number;
    this.#at = at;
  }

  #head(major: number, size: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    if (size < 24) {
      bytes[at] = major | size;
      this.#at = at + 1;
    } else if (size < 0x100) {
      bytes[at] = major | 24;
      bytes[at + 1] = size;
      this.#at = at + 2;
    } else if (size < 0x10000) {
      bytes[at] = major | 25;
      bytes[at + 1] = size >> 8;
      bytes[at + 2] = size;
      this.#at = at + 3;
    } else {
      bytes[at] = major | 26;
      for (let byte = 0; byte < 4; byte += 1) bytes[at + 1 + byte] = size >>> (24 - 8 * byte);
      this.#at = at + 5;
    }
  }

  #room(wanted: number): void {
    if (this.#at + wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#at + wanted, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
