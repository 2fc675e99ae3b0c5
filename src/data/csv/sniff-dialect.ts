import { concat, utf8 } from '../../base/bytes.ts';
import { rowTexts } from '../row-batch.ts';
import { TableFault } from '../table-fault.ts';
import { usualDialect, type Dialect } from './dialect.ts';
import { CsvScanner } from './scanner.ts';

/** Looked for in this order; the last three only where none of the others parts anything. */
const delimiters = [',', ';', '\t', '|'] as const;
const rareDelimiters = ['^', '~', '\u001f'] as const;
const rowsMax = 1_000;

/** How the beginning of a text reads in a dialect; the larger the share, the better. */
interface Reading {
  readonly dialect: Dialect;
  readonly width: number;
  /** In millionths: rows of one width, times cells that read as one value. */
  readonly share: number;
}

/**
 * Proposes the dialect in which the rows have one width, their header included, and the cells look
 * like values. A text that nothing parts is a table of one column.
 * @param head well-formed UTF-8 from the beginning of the file
 * @param isWhole nothing follows
 */
export function sniffDialect(head: Uint8Array, isWhole: boolean): Dialect {
  const start = new TextDecoder('utf-8', { ignoreBOM: true }).decode(head);
  const lineTerminator = start.includes('\n') || !start.includes('\r') ? '\n' : '\r';
  const hint = /^"?sep=(.)"?\r?(\n|\r|$)/i.exec(start);
  const base: Dialect = { ...usualDialect, lineTerminator, sepLine: hint !== null };
  const quoteChar = quoteOf(start);
  const read = (delimiter: string): Reading =>
    readingOf(head, isWhole, { ...base, delimiter, quoteChar });
  if (hint?.[1] !== undefined) return withHeader(head, isWhole, read(hint[1]).dialect);
  const best = bestOf(delimiters.map(read)) ?? bestOf(rareDelimiters.map(read));
  return withHeader(head, isWhole, best?.dialect ?? { ...base, quoteChar });
}

/** A single quote only where cells begin and end with it, and no double quote is anywhere. */
function quoteOf(text: string): '"' | "'" {
  if (text.includes('"')) return '"';
  const opened = text.match(/(^|[,;\t|\r\n])'/g)?.length ?? 0;
  const closed = text.match(/'($|[,;\t|\r\n])/g)?.length ?? 0;
  return opened > 1 && opened === closed ? "'" : '"';
}

function bestOf(readings: readonly Reading[]): Reading | null {
  let best: Reading | null = null;
  for (const reading of readings) {
    if (reading.width < 2 || reading.share < 500_000) continue;
    if (best === null || reading.share > best.share) best = reading;
  }
  return best;
}

function readingOf(head: Uint8Array, isWhole: boolean, dialect: Dialect): Reading {
  const sample = sampleOf(head, isWhole, dialect);
  const cells = sample?.rows.flat() ?? [];
  if (sample === null || cells.length === 0) return { dialect, width: 0, share: 0 };
  const values = cells.filter(isOneValue).length;
  const evenMillionths = Math.trunc((sample.even * 1_000_000) / (sample.even + sample.ragged));
  const share = Math.trunc((evenMillionths * values) / cells.length);
  return { dialect, width: sample.rows[0]?.length ?? 0, share };
}

interface Sample {
  /** The first of them. */
  readonly rows: readonly (readonly string[])[];
  /** How many have the width of the first, and how many another. */
  readonly even: number;
  readonly ragged: number;
}

/** null where the text has quotes that do not fit the dialect. */
function sampleOf(head: Uint8Array, isWhole: boolean, dialect: Dialect): Sample | null {
  const scanner = new CsvScanner(dialect);
  const closed = isWhole ? concat(head, utf8(dialect.lineTerminator)) : head;
  try {
    const batch = scanner.push(closed);
    const rows = Array.from({ length: Math.min(batch.rows, rowsMax) }, (_, row) =>
      rowTexts(batch, row).map((text) => text ?? ''),
    );
    // Finds a quote that is never closed.
    if (isWhole) scanner.end();
    return { rows, even: batch.rows, ragged: scanner.ragged.count };
  } catch (error) {
    if (error instanceof TableFault) return null;
    throw error;
  }
}

const number = /^[+-]?[0-9]+([.,][0-9]+)*$/;

/** No other delimiter is in it, unless it is a number with a decimal comma. */
const isOneValue = (text: string): boolean => number.test(text) || !/[,;\t|]/.test(text);

/**
 * The first row is of names unless a cell of it is empty or reads as a number or a date. Even then it
 * is where such names are years in a row, or where a name stands above a number or date.
 */
function withHeader(head: Uint8Array, isWhole: boolean, dialect: Dialect): Dialect {
  const [first = [], second = []] = sampleOf(head, isWhole, dialect)?.rows ?? [];
  const values = first.filter((text) => text === '' || looksLikeData(text));
  const isNameAboveData = first.some(
    (text, column) => text !== '' && !looksLikeData(text) && looksLikeData(second[column] ?? ''),
  );
  const header = values.length === 0 || isNameAboveData || isRunOfYears(values);
  return { ...dialect, header };
}

const looksLikeData = (text: string): boolean =>
  number.test(text) || /^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}( |T|$)/.test(text);

/** 2021, 2022, 2023, up or down. */
function isRunOfYears(texts: readonly string[]): boolean {
  const years = texts.map((text) => (/^(19|20)[0-9]{2}$/.test(text) ? Number(text) : 0));
  const step = (years[1] ?? 0) - (years[0] ?? 0);
  if (years.length < 2 || Math.abs(step) !== 1 || years.includes(0)) return false;
  return years.every((year, index) => index === 0 || year - (years[index - 1] ?? 0) === step);
}
