import type { Hex } from '../../base/bytes.ts';
import { encodeCbor, type CborValue } from '../../base/cbor.ts';
import type { ColumnType, Sensitivity } from '../../base/columns.ts';
import { taggedHashHex } from '../../base/hash.ts';
import type { DateForm } from '../form/date-form.ts';

/** Words that stand for true and for false, written as they stand here at their best. */
export interface BooleanWords {
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

/** All that can be stated of a column, as it stands in JSON. */
export const columnMembers = [
  ...['name', 'type', 'meaning', 'sensitivity'],
  ...['dateForm', 'decimalMark', 'groupMark', 'words', 'missing', 'values'],
] as const;

/** What is stated of one column. */
export interface ColumnDescription {
  readonly name: string;
  readonly type: ColumnType;
  /** Of DATE; null where nobody has stated it: then no cell can be read as a date. */
  readonly dateForm: DateForm | null;
  /** Of DECIMAL. */
  readonly decimalMark: '.' | ',';
  /** Of INTEGER and DECIMAL. */
  readonly groupMark: '.' | ',' | ' ' | "'" | null;
  /** Of BOOLEAN; null: the usual ones. */
  readonly words: BooleanWords | null;
  /** Texts that stand for a missing value, and nothing else does. */
  readonly missing: readonly string[];
  /** Texts that usually stand for a missing value, and are values here. */
  readonly values: readonly string[];
  /** As the rule pack names it: `place.state`; null where it is not stated. */
  readonly meaning: string | null;
  readonly sensitivity: Sensitivity;
}

/**
 * The part of a description that is of the table, in whatever file it comes: its digest is
 * registered, and with it what a missing value is and how dates and decimals are read.
 */
export interface TableDescription {
  /** In the order of the file; names as in its header. */
  readonly columns: readonly ColumnDescription[];
}

/** A column of which nothing but its name is stated. */
export const plainColumn = (name: string): ColumnDescription => ({
  name,
  type: 'TEXT',
  dateForm: null,
  decimalMark: '.',
  groupMark: null,
  words: null,
  missing: [''],
  values: [],
  meaning: null,
  sensitivity: 'GENERAL',
});

export const namesOf = ({ columns }: TableDescription): string[] => columns.map(({ name }) => name);

export const quasiIdentifiersOf = ({ columns }: TableDescription): string[] =>
  columns.filter(({ sensitivity }) => sensitivity === 'QUASI_IDENTIFIER').map(({ name }) => name);

/** taggedHash('dxl/table-description/1', canonical CBOR of the columns, fields in this order). */
export const tableDescriptionDigest = ({ columns }: TableDescription): Hex =>
  taggedHashHex('dxl/table-description/1', encodeCbor(columns.map(columnItems)));

const columnItems = (column: ColumnDescription): CborValue => [
  column.name,
  column.type,
  column.dateForm,
  column.decimalMark,
  column.groupMark,
  column.words === null ? null : [[...column.words.yes], [...column.words.no]],
  [...column.missing],
  [...column.values],
  column.meaning,
  column.sensitivity,
];
