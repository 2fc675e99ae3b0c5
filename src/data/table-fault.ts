/** What is wrong with a file that was given as a table; each has one remedy. */
export type TableFaultKind =
  /** Bytes that the encoding does not hold, or no encoding that is certain. */
  | 'ENCODING'
  /** A quoted cell that does not end, or goes on behind its closing quote. */
  | 'QUOTES'
  /** No header, or no row below it. */
  | 'EMPTY'
  /** A row or a cell beyond the limits of `limits.ts`. */
  | 'TOO_LARGE'
  /** Columns that are not those of the description. */
  | 'COLUMNS'
  /** A description that cannot be followed. */
  | 'DESCRIPTION'
  /** A format that is not read. */
  | 'FORMAT'
  /** A cell that is not what is to be computed on. */
  | 'VALUES';

export interface Place {
  /** Of the file, from 1; null where the format has no lines. */
  readonly line: number | null;
  /** In characters, from 1; null where the whole line is meant. */
  readonly column: number | null;
}

/**
 * A file that cannot be read as the table it is said to be: the file's fault, which its owner mends.
 * The message is a phrase that follows the file's name: `is not UTF-8 at line 3, column 7: …`.
 */
export class TableFault extends Error {
  override readonly name = 'TableFault';
  readonly kind: TableFaultKind;
  readonly place: Place;

  constructor(kind: TableFaultKind, message: string, place: Place = { line: null, column: null }) {
    super(message);
    this.kind = kind;
    this.place = place;
  }
}

/** Columns of other names than those that are described, or in another order. */
export class ColumnsFault extends TableFault {
  readonly expected: readonly string[];
  readonly found: readonly string[];

  constructor(expected: readonly string[], found: readonly string[]) {
    const at = expected.findIndex((name, index) => name !== found[index]);
    const place = at < 0 ? expected.length : at;
    super(
      'COLUMNS',
      `has ${found.length} columns, and ${expected.length} are described: column ${place + 1} is ` +
        `${shownName(found[place])} in the file and ${shownName(expected[place])} in the description.`,
    );
    this.expected = expected;
    this.found = found;
  }
}

const shownName = (name: string | undefined): string =>
  name === undefined ? 'missing' : `named ${JSON.stringify(name)}`;
