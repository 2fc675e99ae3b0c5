import { createHash } from 'node:crypto';
import { otherColumns, otherRows, type Difference, type Verdict } from '../difference.ts';
import type { FileDescription } from '../description/file.ts';
import { readPlainColumns } from '../description/plain-columns.ts';
import {
  columnMembers,
  namesOf,
  tableDescriptionDigest,
  type TableDescription,
} from '../description/table.ts';
import { CanonicalWriter } from '../fingerprint/canonical-rows.ts';
import {
  headerDigest,
  notInVersion1,
  saltedFingerprint,
  type RegisteredTable,
  type SaltedFingerprint,
} from '../fingerprint/fingerprint.ts';
import { Version1Rows, type FingerprintVersion1 } from '../fingerprint/version-1.ts';
import { ColumnsFault, TableFault } from '../table-fault.ts';
import { differenceOf, indexFromJson, type TableIndex } from '../table-index.ts';
import { inspectFile, type InspectOptions, type Inspection } from './inspect.ts';
import type { Opening } from './opening.ts';
import { readTableFile, type ReadFile } from './read-table-file.ts';

/** Of an inspection that was kept: what a file is compared with. */
export interface KeptInspection {
  readonly table: TableDescription;
  readonly rows: number;
  readonly root: string;
  /** SHA-256 of the file that was inspected, hex. */
  readonly sha256: string;
  readonly index: TableIndex;
}

/** How the file that is checked is written, as far as it is stated; and who may stop it. */
export type CheckOptions = Pick<
  InspectOptions,
  'encoding' | 'signal' | 'onProgress' | 'onSpill' | 'temporaryFolder'
> & { readonly file?: FileDescription | null };

/** null where the value is no inspection of version 2. Throws TableFault DESCRIPTION. */
export function readInspection(value: unknown): KeptInspection | null {
  if (typeof value !== 'object' || value === null) return null;
  const { columns, rows, fingerprint, sha256, index } = value as Readonly<Record<string, unknown>>;
  if (typeof fingerprint !== 'object' || fingerprint === null || !Array.isArray(columns))
    return null;
  const { version, root } = fingerprint as Readonly<Record<string, unknown>>;
  if (version !== 2 || typeof root !== 'string' || typeof rows !== 'number') return null;
  if (typeof sha256 !== 'string') return null;
  const described = columns.map((column: unknown) => onlyDescription(column));
  const table = readPlainColumns(described);
  const kept = indexFromJson(index, namesOf(table), rows);
  return kept === null ? null : { ...{ table, rows, root, sha256 }, index: kept };
}

/** Without the counts that an inspection adds to each column. */
const onlyDescription = (column: unknown): unknown =>
  typeof column === 'object' && column !== null
    ? Object.fromEntries(
        Object.entries(column).filter(([name]) => columnMembers.some((member) => member === name)),
      )
    : column;

/** Throws OperationalError INPUT_FILE, DATA_ROOM, CANCELLED. */
export async function checkAgainstInspection(
  path: string,
  kept: KeptInspection,
  options: CheckOptions,
): Promise<Verdict> {
  return judged(2, [], async () => {
    const found = await inspected(path, kept.table, options, { indexKey: kept.index.key });
    const { bare, index } = found.examined;
    if (found.read.ragged.count > 0) return raggedRows(found.read);
    if (bare.root !== kept.root) {
      return otherRows(kept.rows, bare.rows, differenceOf(kept.index, index));
    }
    if (found.read.sha256 === kept.sha256) return null;
    return otherBytes(found);
  });
}

/**
 * Against a registered fingerprint, with what opens it. The file is read by what is stated of it, else by
 * the opening's file part, and as it looks by itself where it does not agree so: it may be the table in
 * other bytes. Throws as above, and TableFault DESCRIPTION where the opening is another registration's.
 */
export async function checkAgainstRegistration(
  path: string,
  registered: RegisteredTable,
  opening: Opening,
  options: CheckOptions,
): Promise<Verdict> {
  checkDescription(registered, opening.table);
  const isStated = (options.file ?? options.encoding ?? null) !== null;
  const asItLooks = (): Promise<Verdict> => compared(path, registered, opening, options);
  if (isStated || opening.file === null) return asItLooks();
  const file = opening.file.part;
  const byItsPart = await compared(path, registered, opening, { ...options, file });
  if (byItsPart.agrees) return byItsPart;
  const found = await asItLooks();
  return found.agrees ? found : byItsPart;
}

function checkDescription(registered: RegisteredTable, table: TableDescription): void {
  if (headerDigest(namesOf(table)) !== registered.header) {
    throw new TableFault(
      'DESCRIPTION',
      'is of another registration: its columns are not those registered.',
    );
  }
  const { description } = registered;
  if (description === null || description === tableDescriptionDigest(table)) return;
  throw new TableFault(
    'DESCRIPTION',
    'is of another registration: types, missing markers, meanings or tags are not those registered.',
  );
}

async function compared(
  path: string,
  registered: SaltedFingerprint,
  { table, seed, bareSalt, index, file }: Opening,
  options: CheckOptions,
): Promise<Verdict> {
  let anonymity: Verdict['anonymity'] = null;
  const verdict = await judged(2, [], async () => {
    const secrets = { seed, ...(index === null ? {} : { indexKey: index.key }) };
    const found = await inspected(path, table, options, secrets);
    ({ anonymity } = found);
    if (found.read.ragged.count > 0) return raggedRows(found.read);
    const { bare, rowsRoot } = found.examined;
    const computed = rowsRoot === null ? null : saltedFingerprint(bare, rowsRoot, bareSalt);
    if (computed !== null && isSame(computed, registered)) {
      return file === null || file.sha256 === found.read.sha256 ? null : otherBytes(found);
    }
    const where = index === null ? null : differenceOf(index, found.examined.index);
    return otherRows(registered.rows, bare.rows, where);
  });
  return { ...verdict, anonymity };
}

/** Against a fingerprint of version 1. */
export async function checkAgainstVersion1(
  path: string,
  registered: FingerprintVersion1,
  tableSalt: Uint8Array,
  { file = null, encoding, signal, onProgress }: CheckOptions,
): Promise<Verdict> {
  return judged(1, notInVersion1, async () => {
    const rows = new Version1Rows(tableSalt, createHash('sha256'));
    const writer = new CanonicalWriter();
    let names: readonly string[] = [];
    const csv = file?.format === 'csv' ? file : null;
    const read = await readTableFile(path, {
      ...{ signal, onProgress, encoding: encoding ?? csv?.encoding ?? null },
      dialect: csv?.dialect ?? null,
      onColumns: (found) => (names = found),
      onRows: (batch) => rows.add(writer.write(batch)),
    });
    const found = rows.end();
    if (read.ragged.count > 0) return raggedRows(read);
    if (names.length !== registered.columns) return otherColumns(null, names);
    const isEqual =
      found.rows === registered.rows &&
      found.rowsRoot === registered.rowsRoot &&
      found.contentCommitment === registered.contentCommitment;
    return isEqual ? null : otherRows(registered.rows, found.rows, null);
  });
}

function inspected(
  path: string,
  table: TableDescription,
  { file = null, ...options }: CheckOptions,
  secrets: Pick<InspectOptions, 'indexKey' | 'seed'>,
): Promise<Inspection> {
  return inspectFile(path, { ...options, ...secrets, description: { table, file } });
}

/** What cannot be read is a difference too: the file is no table, or one of other columns. */
async function judged(
  version: Verdict['version'],
  notCovered: readonly string[],
  compare: () => Promise<Difference | null>,
): Promise<Verdict> {
  const difference = await compare().catch((error: unknown): Difference => {
    if (error instanceof ColumnsFault) return otherColumns(error.expected, error.found);
    if (!(error instanceof TableFault)) throw error;
    return { kind: 'UNREADABLE', detail: error.message, ...error.place };
  });
  const agrees = difference === null || difference.kind === 'OTHER_BYTES_SAME_TABLE';
  return { agrees, difference, version, notCovered, anonymity: null };
}

function raggedRows({ ragged }: ReadFile): Difference {
  const { count, first } = ragged;
  const detail =
    `has ${count} rows of another width than its header; the first, row ${first?.row ?? 0}, has ` +
    `${first?.cells ?? 0} cells.`;
  return { kind: 'UNREADABLE', detail, line: first?.line ?? null, column: null };
}

const otherBytes = ({ file, read }: Inspection): Difference => ({
  kind: 'OTHER_BYTES_SAME_TABLE',
  detail:
    `the same table in other bytes: ${read.bytes} of them, ` +
    (file.format === 'csv'
      ? `${file.encoding}, separator ${JSON.stringify(file.dialect.delimiter)}.`
      : `${file.format}.`),
});

const isSame = (one: SaltedFingerprint, other: SaltedFingerprint): boolean =>
  one.rows === other.rows &&
  one.columns === other.columns &&
  one.header === other.header &&
  one.rowsRoot === other.rowsRoot &&
  one.root === other.root &&
  one.bareCommitment === other.bareCommitment;
