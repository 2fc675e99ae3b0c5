import { assert } from '../base/assert.ts';
import { encodeCbor, type CborValue } from '../base/cbor.ts';
import { commitment } from '../base/hash.ts';
import type { Column, Quality } from './schema.ts';
import { dateOf, isCanonical, isOfType, isPresent } from './value-form.ts';

/** Counts of one column; nothing in it is a value of the data. */
export interface ColumnProfile {
  readonly name: string;
  readonly present: number;
  readonly ofType: number;
  readonly canonical: number;
  readonly distinct: number;
}

/** Everything that the six criteria are ratios of. */
export interface QualityReport {
  readonly rows: number;
  /** Rows with exactly one value per column of the schema; only they are measured further. */
  readonly wellFormedRows: number;
  /** Well-formed rows that repeat an earlier one. */
  readonly duplicateRows: number;
  /** Well-formed rows with a date, and those of them whose dates all lie within the coverage. */
  readonly datedRows: number;
  readonly coveredRows: number;
  readonly columns: readonly ColumnProfile[];
}

export interface Coverage {
  /** YYYY-MM-DD, both inclusive. */
  readonly from: string;
  readonly to: string;
}

/**
 * Profiles a table: one pass, memory for its distinct values and rows.
 * @param rows cells as in the file, without the header row
 * @param coverage the dates that the listing claims
 */
export function profileRows(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  coverage: Coverage,
): QualityReport {
  const wellFormed = rows.filter((row) => row.length === columns.length);
  const distinct = new Set(wellFormed.map((row) => JSON.stringify(row)));
  const dated = wellFormed.map((row) => datesOf(row, columns)).filter((dates) => dates.length > 0);
  return {
    rows: rows.length,
    wellFormedRows: wellFormed.length,
    duplicateRows: wellFormed.length - distinct.size,
    datedRows: dated.length,
    coveredRows: dated.filter((dates) =>
      dates.every((date) => date >= coverage.from && date <= coverage.to),
    ).length,
    columns: columns.map((column, index) => profileColumn(column, wellFormed, index)),
  };
}

const datesOf = (row: readonly string[], columns: readonly Column[]): string[] =>
  columns.flatMap(({ type }, index) => {
    const date = type === 'DATE' ? dateOf(row[index] ?? '') : null;
    return date === null ? [] : [date];
  });

function profileColumn(
  { name, type }: Column,
  rows: readonly (readonly string[])[],
  index: number,
): ColumnProfile {
  const values = rows.map((row) => row[index] ?? '').filter(isPresent);
  return {
    name,
    present: values.length,
    ofType: values.filter((value) => isOfType(type, value)).length,
    canonical: values.filter((value) => isCanonical(type, value)).length,
    distinct: new Set(values).size,
  };
}

/** Ratio in basis points, rounded down: 10,000 is said only of all. Of nothing, all holds. */
const basisPoints = (part: number, whole: number): number =>
  whole === 0 ? 10_000 : Number((BigInt(part) * 10_000n) / BigInt(whole));

/**
 * The six criteria, in basis points, with the salted commitment to the report.
 * Accuracy is what the data alone can show, that values are of their column's type; whether they
 * are true, no profiler sees.
 * @param salt 32 random bytes, kept by the seller and shown with the report
 */
export function qualityOf(report: QualityReport, salt: Uint8Array): Quality {
  const total = (count: (column: ColumnProfile) => number): number =>
    report.columns.reduce((sum, column) => sum + count(column), 0);
  const present = total((column) => column.present);
  return {
    rows: report.rows,
    completeness: basisPoints(present, report.wellFormedRows * report.columns.length),
    accuracy: basisPoints(
      total((column) => column.ofType),
      present,
    ),
    consistency: basisPoints(report.wellFormedRows - report.duplicateRows, report.wellFormedRows),
    regularity: basisPoints(
      total((column) => column.canonical),
      present,
    ),
    timeliness: basisPoints(report.coveredRows, report.datedRows),
    accessibility: basisPoints(report.wellFormedRows, report.rows),
    reportCommitment: commitment(salt, encodeReport(report)),
  };
}

/** Canonical CBOR of a report: its counts in the order of the interfaces above. */
export function encodeReport(report: QualityReport): Uint8Array {
  const counts = [
    report.rows,
    report.wellFormedRows,
    report.duplicateRows,
    report.datedRows,
    report.coveredRows,
  ];
  const columns = report.columns.map((column): CborValue => [
    column.name,
    ...[column.present, column.ofType, column.canonical, column.distinct].map(whole),
  ]);
  return encodeCbor([...counts.map(whole), columns]);
}

function whole(count: number): bigint {
  assert(Number.isSafeInteger(count), 'a count is a whole number');
  return BigInt(count);
}
