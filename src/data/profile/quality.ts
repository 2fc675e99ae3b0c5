import type { ColumnDescription } from '../description/table.ts';
import type { ColumnCounts, ProfileCounts } from './profile.ts';

export const criteria = [
  'completeness',
  'accuracy',
  'consistency',
  'regularity',
  'timeliness',
  'accessibility',
] as const;
export type Criterion = (typeof criteria)[number];

/** Own definitions: docs/quality.md says them at length, and what they do not say. */
export const definitions: Readonly<Record<Criterion, string>> = {
  completeness: 'cells that hold a value / cells; what looks missing and is undeclared holds none',
  accuracy: 'values that read as their column’s stated type / values of columns that are not TEXT',
  consistency: 'rows that repeat no earlier row / rows',
  regularity: 'values written as their type is written at its best / values',
  timeliness: 'rows whose dates all lie within the stated coverage / rows with a date that reads',
  accessibility: 'lines that read as a row of the header’s width / lines',
};

/** One criterion: a ratio of counts, or nothing where there is nothing to count. */
export interface Measure {
  readonly definition: string;
  readonly numerator: number | null;
  readonly denominator: number | null;
  /** Rounded down, so that 10,000 is said of all only; null: not measurable. */
  readonly basisPoints: number | null;
}

export type Quality = Readonly<Record<Criterion, Measure>>;

/** What is counted beside the cells. */
export interface RowCounts {
  /** Distinct rows. */
  readonly distinct: number;
  /** Rows of another width, which are not among the rows. */
  readonly ragged: number;
}

/** Never 100 % of nothing: a criterion without a denominator is not measurable. */
export function qualityOf(
  { rows, columns, datedRows, coveredRows }: ProfileCounts,
  described: readonly ColumnDescription[],
  { distinct, ragged }: RowCounts,
): Quality {
  const typed = columns.filter((_, index) => described[index]?.type !== 'TEXT');
  const readable = columns.filter(({ canonical }) => canonical !== null);
  const sum = (over: readonly ColumnCounts[], count: (column: ColumnCounts) => number): number =>
    over.reduce((total, column) => total + count(column), 0);
  const typedReadable = typed.filter(({ ofType }) => ofType !== null);
  return {
    completeness: measure(
      'completeness',
      sum(columns, (c) => c.present),
      rows * columns.length,
    ),
    accuracy: measure(
      'accuracy',
      sum(typedReadable, ({ ofType }) => ofType ?? 0),
      sum(typedReadable, ({ present }) => present),
    ),
    consistency: measure('consistency', distinct, rows),
    regularity: measure(
      'regularity',
      sum(readable, ({ canonical }) => canonical ?? 0),
      sum(readable, ({ present }) => present),
    ),
    timeliness: measure('timeliness', coveredRows, coveredRows === null ? null : datedRows),
    accessibility: measure('accessibility', rows, rows + ragged),
  };
}

function measure(
  criterion: Criterion,
  numerator: number | null,
  denominator: number | null,
): Measure {
  const definition = definitions[criterion];
  if (numerator === null || denominator === null || denominator === 0) {
    return { definition, numerator: null, denominator: null, basisPoints: null };
  }
  const basisPoints = Number((BigInt(numerator) * 10_000n) / BigInt(denominator));
  return { definition, numerator, denominator, basisPoints };
}
