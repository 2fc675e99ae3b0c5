import { randomBytes } from 'node:crypto';
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { readFilePart, writeFilePart } from '../description/data-package.ts';
import type { FileDescription } from '../description/file.ts';
import { readPlainColumns } from '../description/plain-columns.ts';
import { tableDescriptionDigest, type TableDescription } from '../description/table.ts';
import { saltedFingerprint, type RegisteredTable } from '../fingerprint/fingerprint.ts';
import { indexFromJson, indexToJson, type TableIndex } from '../table-index.ts';
import type { Inspection } from './inspect.ts';

const format = 'dxl-opening/2';

/** A file that holds the table: how it is written, and which bytes it has. */
export interface OpenedFile {
  readonly part: FileDescription;
  readonly sha256: Hex;
}

/** What opens a registered fingerprint to who is to check a file: the seller's and the buyer's alone. */
export interface Opening {
  readonly table: TableDescription;
  /** Root of the seed tree. */
  readonly seed: Uint8Array;
  /** Of the commitment to the bare root. */
  readonly bareSalt: Uint8Array;
  /** By which differences are found in place; null where it does not hold one. */
  readonly index: TableIndex | null;
  /** Of the file that was registered or is delivered; null where nothing is said of it. */
  readonly file: OpenedFile | null;
}

/** The secrets of a fingerprint to come. */
export const newSecrets = (): { readonly seed: Uint8Array; readonly bareSalt: Uint8Array } => ({
  seed: randomBytes(32),
  bareSalt: randomBytes(32),
});

/** What is registered of an inspected table; null where its salted tree was not made, or rows are ragged. */
export function registeredOf(
  { examined, read, table }: Inspection,
  bareSalt: Uint8Array,
): RegisteredTable | null {
  if (examined.rowsRoot === null || read.ragged.count > 0) return null;
  const salted = saltedFingerprint(examined.bare, examined.rowsRoot, bareSalt);
  return { ...salted, description: tableDescriptionDigest(table) };
}

/** As a file of JSON, to be kept secret. */
export const openingJson = (
  { table, examined, file, read }: Inspection,
  secrets: { readonly seed: Uint8Array; readonly bareSalt: Uint8Array },
) => ({
  format,
  rows: examined.counts.rows,
  columns: table.columns,
  seed: toHex(secrets.seed),
  bareSalt: toHex(secrets.bareSalt),
  index: indexToJson(examined.index),
  file: { sha256: read.sha256, ...writeFilePart(file) },
});

export type OpeningJson = ReturnType<typeof openingJson>;

/**
 * null where the value is no opening of version 2. Throws TableFault DESCRIPTION for columns or a file
 * part that are none.
 */
export function readOpening(value: unknown): Opening | null {
  if (typeof value !== 'object' || value === null) return null;
  const given = value as Readonly<Record<string, unknown>>;
  const { seed, bareSalt, rows, columns, index } = given;
  if (given['format'] !== format || !isSecret(seed) || !isSecret(bareSalt)) return null;
  const table = { columns: readPlainColumns(columns).columns };
  const names = table.columns.map(({ name }) => name);
  const ofRows = typeof rows === 'number' && Number.isSafeInteger(rows) ? rows : 0;
  return {
    ...{ table, seed: fromHex(seed), bareSalt: fromHex(bareSalt) },
    index: indexFromJson(index, names, ofRows),
    file: readOpenedFile(given['file']),
  };
}

function readOpenedFile(value: unknown): OpenedFile | null {
  if (typeof value !== 'object' || value === null) return null;
  const given = value as Readonly<Record<string, unknown>>;
  const { sha256 } = given;
  const part = readFilePart(given, '/file');
  return part === null || !isSecret(sha256) ? null : { part, sha256 };
}

const isSecret = (value: unknown): value is Hex =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
