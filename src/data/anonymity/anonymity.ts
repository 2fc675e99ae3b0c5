import type { ClassSizes } from './class-sizes.ts';

/** Sizes that are named: what is below them is what a reader asks for. */
const smallestMax = 5;

/**
 * How far the rows of a whole file can be told apart by its quasi-identifiers: rows with the same texts
 * in all of them are one class. Rows with a missing quasi-identifier are in none, and are counted.
 */
export interface Anonymity {
  readonly columns: readonly string[];
  /** Rows that are in a class. */
  readonly rows: number;
  /** Rows with a missing quasi-identifier. */
  readonly leftOut: number;
  /** Size of the smallest class; null where there is none. */
  readonly k: number | null;
  /** Rows that are alone in their class; null where there is none. */
  readonly uniqueRows: number | null;
  /** The smallest sizes, each with its number of classes. */
  readonly smallest: readonly { readonly rows: number; readonly classes: number }[];
}

export function anonymityOf(
  columns: readonly string[],
  sizes: ClassSizes,
  leftOut: number,
): Anonymity {
  const ascending = [...sizes].sort(([one], [other]) => one - other);
  const rows = ascending.reduce((sum, [size, classes]) => sum + size * classes, 0);
  const [smallest] = ascending;
  return {
    columns,
    rows,
    leftOut,
    k: smallest === undefined ? null : smallest[0],
    uniqueRows: smallest === undefined ? null : (sizes.get(1) ?? 0),
    smallest: ascending.slice(0, smallestMax).map(([size, classes]) => ({ rows: size, classes })),
  };
}
