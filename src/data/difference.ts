import type { Anonymity } from './anonymity/anonymity.ts';
import type { RowDifference, RowRange } from './table-index.ts';
import type { Place } from './table-fault.ts';

/** How a file is another than what it is held against; null: it is the same, byte for byte. */
export type Difference =
  | ({ readonly kind: 'UNREADABLE'; readonly detail: string } & Place)
  | {
      readonly kind: 'OTHER_COLUMNS';
      /** null where their number alone is registered, and is another. */
      readonly expected: readonly string[] | null;
      readonly found: readonly string[];
      /** Names that stand in one alone, or at another place. */
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'OTHER_ROWS';
      /** How many there are. */
      readonly expected: number;
      readonly found: number;
      /** In which cells differ; null where there is no index to tell it by. */
      readonly columns: readonly string[] | null;
      /** Counted from 1, both inclusive, in steps of 1,024; null as above. */
      readonly ranges: readonly RowRange[] | null;
      /** Row by row; null where the indices do not tell, or there are too many. */
      readonly rows: readonly number[] | null;
    }
  | { readonly kind: 'OTHER_BYTES_SAME_TABLE'; readonly detail: string };

/** What a check comes to. */
export interface Verdict {
  readonly agrees: boolean;
  readonly difference: Difference | null;
  /** By which version of the fingerprint. */
  readonly version: 1 | 2;
  /** What agreement by this version does not say. */
  readonly notCovered: readonly string[];
  /** Of the file, where it was read by a registration's description; null else. */
  readonly anonymity: Anonymity | null;
}

export const otherColumns = (
  expected: readonly string[] | null,
  found: readonly string[],
): Difference => ({
  kind: 'OTHER_COLUMNS',
  expected,
  found,
  columns: [...new Set([...(expected ?? []), ...found])].filter(
    (name) => expected?.indexOf(name) !== found.indexOf(name),
  ),
});

/** @param where null where there is no index of differences */
export const otherRows = (
  expected: number,
  found: number,
  where: RowDifference | null,
): Difference => ({
  kind: 'OTHER_ROWS',
  expected,
  found,
  columns: where?.columns ?? null,
  ranges: where?.ranges ?? null,
  rows: where?.rows ?? null,
});
