/** How cells and rows are kept apart in a text: the part of a file's description that CSV has. */
export interface Dialect {
  /** One ASCII character. */
  readonly delimiter: string;
  /** One ASCII character, doubled where it stands for itself within quotes; null: nothing is quoted. */
  readonly quoteChar: string | null;
  /** `\n` stands for `\r\n` too. */
  readonly lineTerminator: '\n' | '\r';
  /** The first line is of names. */
  readonly header: boolean;
  /** A line `sep=;` stands before everything else, as spreadsheets write it. */
  readonly sepLine: boolean;
  /** Spaces behind a delimiter are no part of the cell. */
  readonly skipInitialSpace: boolean;
}

export const usualDialect: Dialect = {
  delimiter: ',',
  quoteChar: '"',
  lineTerminator: '\n',
  header: true,
  sepLine: false,
  skipInitialSpace: false,
};

/** A delimiter or quote that can be read: one ASCII character that is no line end. */
export const isDialectCharacter = (text: string): boolean =>
  text.length === 1 && text.charCodeAt(0) < 0x80 && text !== '\n' && text !== '\r';
