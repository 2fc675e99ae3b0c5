import { limits } from '../limits.ts';
import type { RowBatch } from '../row-batch.ts';
import { TableFault } from '../table-fault.ts';
import { CellList } from './cell-list.ts';
import type { Dialect } from './dialect.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
/** What `#row` and its parts say of a row that goes on in the next chunk. */
const unfinished = -1;
/** In a table of one column each of them may be a row. */
const blanksMax = 2 ** 22;

/** Rows that have another number of cells than the first; they are in no batch. */
export interface RaggedRows {
  readonly count: number;
  /** The first: its number among all rows, from 1; its line in the file; its cells. */
  readonly first: { readonly row: number; readonly line: number; readonly cells: number } | null;
}

/**
 * UTF-8 in a dialect → rows of exact text (RFC 4180, with the dialect's characters; a quote within a
 * cell that does not begin with one is text). The first row gives the width of all.
 *
 * Written for this: cells are told apart as bytes and stay bytes, which makes a table's digests and
 * counts as quick as its reading. csv-parse, against which the tests hold it, makes a text of each
 * cell: with canonical rows, types and one digest a row that took 1.65 times its own bare pass.
 *
 * Blank lines are no rows, but in a table of one column, where one before another row is a row whose
 * cell is empty.
 */
export class CsvScanner {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #lineEnd: number;
  readonly #skipsSpace: boolean;
  /** By byte: 1 ends a cell that is not quoted. */
  readonly #endsCell = new Uint8Array(256);
  readonly #cells = new CellList();
  /** Cells of the row at hand in which quotes are doubled. */
  readonly #doubled: number[] = [];
  #buffer = new Uint8Array(2 ** 10);
  #size = 0;
  /** Where the unfinished row begins in the buffer. */
  #restAt = 0;
  #isEnd = false;
  #width = -1;
  #line = 1;
  #rows = 0;
  #linesToSkip: number;
  /** Since the last row: what they are depends on what follows. */
  #pendingBlanks = 0;
  #blankLines = 0;
  #ragged: RaggedRows = { count: 0, first: null };

  constructor(dialect: Dialect) {
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#quote = dialect.quoteChar === null ? -1 : dialect.quoteChar.charCodeAt(0);
    this.#lineEnd = dialect.lineTerminator.charCodeAt(0);
    this.#skipsSpace = dialect.skipInitialSpace;
    this.#linesToSkip = dialect.sepLine ? 1 : 0;
    this.#endsCell[this.#delimiter] = 1;
    this.#endsCell[this.#lineEnd] = 1;
  }

  get ragged(): RaggedRows {
    return this.#ragged;
  }

  /** Between rows, in a table of several columns. */
  get blankLines(): number {
    return this.#blankLines;
  }

  /** Whole rows; an unfinished one waits. A view, until the next call. Throws TableFault. */
  push(text: Uint8Array): RowBatch {
    this.#take(text);
    return this.#scan();
  }

  /** The last of the text and what was left: a last row need not end its line. Throws TableFault. */
  end(text: Uint8Array = new Uint8Array()): RowBatch {
    this.#take(text);
    this.#isEnd = true;
    return this.#scan();
  }

  #take(text: Uint8Array): void {
    const rest = this.#size - this.#restAt;
    const size = rest + text.length;
    if (size > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(this.#restAt, this.#size));
      this.#buffer = larger;
    } else {
      this.#buffer.copyWithin(0, this.#restAt, this.#size);
    }
    this.#buffer.set(text, rest);
    this.#size = size;
    this.#restAt = 0;
  }

  #scan(): RowBatch {
    const cells = this.#cells;
    cells.length = 0;
    let at = 0;
    while (at < this.#size) {
      const [first, line] = [cells.length, this.#line];
      const next = this.#row(at);
      if (next === unfinished) {
        cells.length = first;
        this.#line = line;
        break;
      }
      this.#line += 1;
      this.#accept(first, line, at);
      at = next;
    }
    this.#restAt = at;
    if (this.#size - at > limits.rowBytes) throw tooLong(this.#line);
    const columns = Math.max(this.#width, 0);
    return {
      bytes: this.#buffer,
      starts: cells.starts.subarray(0, cells.length),
      ends: cells.ends.subarray(0, cells.length),
      rows: columns === 0 ? 0 : Math.trunc(cells.length / columns),
      columns,
    };
  }

  /** Lists the cells of the row that begins at `at`. @returns where the next begins. */
  #row(at: number): number {
    const bytes = this.#buffer;
    this.#doubled.length = 0;
    for (;;) {
      if (this.#skipsSpace) while (at < this.#size && bytes[at] === space) at += 1;
      at = at < this.#size && bytes[at] === this.#quote ? this.#quoted(at + 1) : this.#plain(at);
      if (at === unfinished) return unfinished;
      if (at === this.#size || bytes[at] !== this.#delimiter) break;
      at += 1;
      if (at === this.#size && !this.#isEnd) return unfinished;
    }
    for (const cell of this.#doubled) this.#undouble(cell);
    return Math.min(at + 1, this.#size);
  }

  /** @returns where the cell is ended by a delimiter, a line end or the end of the file. */
  #plain(start: number): number {
    const bytes = this.#buffer;
    const size = this.#size;
    const endsCell = this.#endsCell;
    let at = start;
    while (at < size && endsCell[bytes[at] as number] === 0) at += 1;
    if (at === size && !this.#isEnd) return unfinished;
    const endsRow = at === size || bytes[at] !== this.#delimiter;
    const isReturned = endsRow && this.#lineEnd === lineFeed && bytes[at - 1] === carriageReturn;
    this.#cells.push(start, isReturned && at > start ? at - 1 : at);
    return at;
  }

  /** As `#plain`, of a cell whose text begins at `start`, behind its quote. */
  #quoted(start: number): number {
    const bytes = this.#buffer;
    const line = this.#line;
    let isDoubled = false;
    for (let at = start; at < this.#size; at += 1) {
      if (bytes[at] === this.#lineEnd) this.#line += 1;
      if (bytes[at] !== this.#quote) continue;
      if (at + 1 === this.#size && !this.#isEnd) return unfinished;
      if (at + 1 < this.#size && bytes[at + 1] === this.#quote) {
        isDoubled = true;
        at += 1;
        continue;
      }
      if (isDoubled) this.#doubled.push(this.#cells.length);
      this.#cells.push(start, at);
      return this.#behindQuote(at + 1);
    }
    if (!this.#isEnd) return unfinished;
    throw new TableFault(
      'QUOTES',
      `has a quote at line ${line} that is never closed. Close it; where quotes are text, state a ` +
        'dialect without quotes.',
      { line, column: null },
    );
  }

  #behindQuote(at: number): number {
    const bytes = this.#buffer;
    if (at === this.#size) return this.#isEnd ? at : unfinished;
    const byte = bytes[at];
    if (byte === this.#delimiter || byte === this.#lineEnd) return at;
    if (byte === carriageReturn) {
      if (at + 1 === this.#size) return this.#isEnd ? at : unfinished;
      if (bytes[at + 1] === lineFeed) return at + 1;
    }
    throw new TableFault(
      'QUOTES',
      `goes on behind a closing quote at line ${this.#line}. A quote within a quoted cell is written ` +
        'twice: "5"" pipe".',
      { line: this.#line, column: null },
    );
  }

  /** Takes out of a cell's bytes the first of each two quotes. */
  #undouble(cell: number): void {
    const bytes = this.#buffer;
    const end = this.#cells.ends[cell] ?? 0;
    let to = this.#cells.starts[cell] ?? 0;
    for (let at = to; at < end; at += 1) {
      if (bytes[at] === this.#quote) at += 1;
      bytes[to] = bytes[at] ?? 0;
      to += 1;
    }
    this.#cells.ends[cell] = to;
  }

  /**
   * Takes the row whose cells begin at `first` into the batch, or out of it. One empty cell right where
   * the row begins is a blank line: the cell between two quotes begins behind the first.
   */
  #accept(first: number, line: number, rowAt: number): void {
    const cells = this.#cells;
    const count = cells.length - first;
    if (this.#linesToSkip > 0) {
      this.#linesToSkip -= 1;
      cells.length = first;
    } else if (count === 1 && cells.starts[first] === rowAt && cells.ends[first] === rowAt) {
      cells.length = first;
      this.#pendingBlanks += 1;
    } else {
      this.#takePendingBlanks(first, count);
      this.#rows += 1;
      if (this.#width < 0) this.#width = count;
      if (count === this.#width) return;
      cells.length -= count;
      const { count: before, first: earlier } = this.#ragged;
      const found = earlier ?? { row: this.#rows, line, cells: count };
      this.#ragged = { count: before + 1, first: found };
    }
  }

  #takePendingBlanks(first: number, count: number): void {
    const blanks = this.#pendingBlanks;
    this.#pendingBlanks = 0;
    if (blanks === 0 || this.#width < 0) return;
    if (this.#width > 1) {
      this.#blankLines += blanks;
      return;
    }
    if (blanks > blanksMax) {
      throw new TableFault(
        'TOO_LARGE',
        `has ${blanks} blank lines in succession before line ${this.#line}; ${blanksMax} are read in ` +
          'a table of one column, where each is a row.',
        { line: this.#line, column: null },
      );
    }
    const cells = this.#cells;
    const row = Array.from({ length: count }, (_, cell) => cells.at(first + cell));
    cells.length = first;
    for (let blank = 0; blank < blanks; blank += 1) cells.push(0, 0);
    for (const [start, end] of row) cells.push(start, end);
    this.#rows += blanks;
  }
}

const tooLong = (line: number): TableFault =>
  new TableFault(
    'TOO_LARGE',
    `has a row of more than ${limits.rowBytes} bytes from line ${line} on. Where a quote is not ` +
      'closed, close it; where quotes are text, state a dialect without quotes.',
    { line, column: null },
  );
