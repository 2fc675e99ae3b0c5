import { compareText } from '../../../../base/bytes.ts';
import type { JobGroup } from './job-spec.ts';

export interface GroupedRows {
  /** In the byte order of their labels: for the specification. */
  readonly groups: readonly JobGroup[];
  /** Entry i is the position of row i's group: for `Column.groups`. */
  readonly groupOfRow: Uint16Array;
}

/**
 * Groups of a column of labels. A group below the smallest cohort is the caller's to leave out or
 * to merge, by giving its rows another label.
 */
export function groupRows(labels: readonly string[]): GroupedRows {
  const rowsOf = new Map<string, number>();
  for (const label of labels) rowsOf.set(label, (rowsOf.get(label) ?? 0) + 1);
  const groups = [...rowsOf]
    .map(([label, rows]) => ({ label, rows }))
    .sort((left, right) => compareText(left.label, right.label));
  const positions = new Map(groups.map(({ label }, position) => [label, position]));
  const groupOfRow = Uint16Array.from(labels, (label) => positions.get(label) ?? 0);
  return { groups, groupOfRow };
}
