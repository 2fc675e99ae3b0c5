import { concat } from '../../base/bytes.ts';
import { limits } from '../limits.ts';
import { rowTexts, type RowBatch } from '../row-batch.ts';
import { TableFault } from '../table-fault.ts';
import type { TableReader } from '../table-reader.ts';
import type { Encoding } from '../text/encoding.ts';
import { Transcoder } from '../text/transcoder.ts';
import type { Dialect } from './dialect.ts';
import { CsvScanner, type RaggedRows } from './scanner.ts';
import { sniffDialect } from './sniff-dialect.ts';

/** What is stated of a file; what is not is found out from its beginning. */
export interface CsvOptions {
  readonly encoding?: Encoding | null;
  readonly dialect?: Dialect | null;
}

/** What a file turned out to be, or was stated to be. */
export interface CsvFacts {
  readonly encoding: Encoding;
  readonly byteOrderMark: boolean;
  readonly dialect: Dialect;
  readonly blankLines: number;
  /** Rows of another width than the header: `row` counts rows below it, from 1. */
  readonly ragged: RaggedRows;
}

const nothing = new Uint8Array();
const noRows: RowBatch = {
  bytes: nothing,
  starts: new Uint32Array(),
  ends: new Uint32Array(),
  rows: 0,
  columns: 0,
};

/**
 * Bytes of a CSV or TSV file → names of columns and rows of exact text. Memory: some chunks, and the
 * longest row.
 */
export class CsvReader implements TableReader {
  readonly #transcoder: Transcoder;
  readonly #stated: Dialect | null;
  #dialect: Dialect | null = null;
  #scanner: CsvScanner | null = null;
  /** Text that waits until there is enough of it to tell the dialect by. */
  #head: Uint8Array = nothing;
  #columns: readonly string[] | null = null;
  #rows = 0;

  constructor({ encoding = null, dialect = null }: CsvOptions = {}) {
    this.#transcoder = new Transcoder(encoding);
    this.#stated = dialect;
  }

  get columns(): readonly string[] | null {
    return this.#columns;
  }

  /** Of what has been read so far. Throws where that is less than the beginning. */
  get facts(): CsvFacts {
    if (!this.#scanner || !this.#dialect) throw new RangeError('nothing has been read yet');
    const { count, first } = this.#scanner.ragged;
    const below = this.#dialect.header ? 1 : 0;
    return {
      encoding: this.#transcoder.encoding,
      byteOrderMark: this.#transcoder.hasByteOrderMark,
      dialect: this.#dialect,
      blankLines: this.#scanner.blankLines,
      ragged: { count, first: first && { ...first, row: first.row - below } },
    };
  }

  push(bytes: Uint8Array): RowBatch {
    return this.#read(this.#transcoder.push(bytes));
  }

  end(): RowBatch {
    const text = this.#transcoder.end();
    const batch = this.#named(
      this.#scanner === null
        ? this.#begin(concat(this.#head, text), true)
        : this.#scanner.end(text),
    );
    if (this.#columns === null) {
      throw new TableFault('EMPTY', 'holds no row: a table has a row of names and rows below it.');
    }
    if (this.#rows === 0) {
      throw new TableFault(
        'EMPTY',
        'has names of columns and no row below them: a table has rows.',
      );
    }
    return batch;
  }

  #read(text: Uint8Array): RowBatch {
    if (this.#scanner !== null) return this.#named(this.#scanner.push(text));
    this.#head = concat(this.#head, text);
    if (this.#head.length < (this.#stated === null ? limits.sniffedBytes : 1)) return noRows;
    return this.#named(this.#begin(this.#head, false));
  }

  #begin(head: Uint8Array, isWhole: boolean): RowBatch {
    this.#head = nothing;
    this.#dialect = this.#stated ?? sniffDialect(head, isWhole);
    const scanner = new CsvScanner(this.#dialect);
    this.#scanner = scanner;
    return isWhole ? scanner.end(head) : scanner.push(head);
  }

  /** Takes the names off the first row, or makes them. */
  #named(batch: RowBatch): RowBatch {
    if (batch.rows === 0) return batch;
    const rows = this.#columns === null ? this.#withoutNames(batch) : batch;
    this.#rows += rows.rows;
    if (this.#rows <= limits.rows) return rows;
    throw new TableFault('TOO_LARGE', `has more than ${limits.rows} rows, which is the limit.`);
  }

  #withoutNames(batch: RowBatch): RowBatch {
    const { columns, rows, starts, ends } = batch;
    if (columns > limits.columns) {
      throw new TableFault(
        'TOO_LARGE',
        `has ${columns} columns; ${limits.columns} is the limit. Where the delimiter was told wrongly, ` +
          'state the dialect.',
      );
    }
    if (this.#dialect?.header === false) {
      this.#columns = Array.from({ length: columns }, (_, index) => `column${index + 1}`);
      return batch;
    }
    this.#columns = rowTexts(batch, 0).map((text) => text ?? '');
    const [below, under] = [starts.subarray(columns), ends.subarray(columns)];
    return { ...batch, starts: below, ends: under, rows: rows - 1 };
  }
}
