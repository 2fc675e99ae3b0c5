import type { RowBatch } from './row-batch.ts';

/** A file of any format as it is read, chunk by chunk: names of columns, then rows of exact text. */
export interface TableReader {
  /** Rows that are whole by now; a view, until the next call. Throws TableFault. */
  push(bytes: Uint8Array): RowBatch;
  /** What was left. Throws TableFault, EMPTY too where there was no row at all. */
  end(): RowBatch;
  /** In order; null before the header has been read. */
  readonly columns: readonly string[] | null;
}
