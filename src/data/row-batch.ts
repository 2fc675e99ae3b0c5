/**
 * Rows of exact text, whatever format they were read from: the one form in which all that looks at a
 * table gets it. A view: it holds until the reader is asked for the next.
 */
export interface RowBatch {
  /** The cells' text in UTF-8, among other bytes. */
  readonly bytes: Uint8Array;
  /** Cell c of row r is `bytes[starts[i]]` up to `bytes[ends[i]]`, i = r · columns + c. */
  readonly starts: Uint32Array;
  /** A cell that ends before it starts is missing: see `setMissing`. */
  readonly ends: Uint32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Marks a cell as missing: 1 byte before it begins. */
export function setMissing({ starts, ends }: RowBatch, cell: number): void {
  starts[cell] = 1;
  ends[cell] = 0;
}

export const isMissing = ({ starts, ends }: RowBatch, cell: number): boolean =>
  (ends[cell] ?? 0) < (starts[cell] ?? 0);

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** null where it is missing. */
export function cellText(batch: RowBatch, row: number, column: number): string | null {
  const cell = row * batch.columns + column;
  if (isMissing(batch, cell)) return null;
  return decoder.decode(batch.bytes.subarray(batch.starts[cell], batch.ends[cell]));
}

/** The texts of one row, in order. */
export const rowTexts = (batch: RowBatch, row: number): (string | null)[] =>
  Array.from({ length: batch.columns }, (_, column) => cellText(batch, row, column));

/** For readers of formats that have no text of their own, and for tests. Null is missing. */
export function batchOfTexts(rows: readonly (readonly (string | null)[])[]): RowBatch {
  const columns = rows[0]?.length ?? 0;
  const texts = rows.flat();
  let size = 0;
  for (const text of texts) size += text === null ? 0 : text.length * 3;
  const bytes = new Uint8Array(size);
  const [starts, ends] = [new Uint32Array(texts.length), new Uint32Array(texts.length)];
  const batch = { bytes, starts, ends, rows: rows.length, columns };
  let at = 0;
  for (const [cell, text] of texts.entries()) {
    if (text === null) {
      setMissing(batch, cell);
      continue;
    }
    starts[cell] = at;
    at += encoder.encodeInto(text, bytes.subarray(at)).written;
    ends[cell] = at;
  }
  return batch;
}
