/** The inputs of a computation job, read from the seller's file by the one reader. */
import type { FileDescription } from '../data/description/file.ts';
import type { TableDescription } from '../data/description/table.ts';
import { scaledInteger } from '../data/form/scaled-integer.ts';
import { readCells } from '../data/shell/read-cells.ts';
import { TableFault } from '../data/table-fault.ts';
import { groupRows, type GroupedRows } from '../privacy/he/protocols/p2/group-rows.ts';

export interface ComputedFile {
  readonly path: string;
  readonly table: TableDescription;
  /** null: as the file looks by itself. */
  readonly part: FileDescription | null;
  readonly valueColumn: string;
  readonly groupColumn: string;
  /** Values are taken times 10^scale. */
  readonly scale: number;
}

/** Rows that have a value and a group: the job is over them alone. */
export interface ComputeColumn extends GroupedRows {
  /** Of each such row, in the order of the file. */
  readonly values: readonly number[];
  /** Cells that are missing, and rows that are left out for one or both of them: none counts as zero. */
  readonly missing: { readonly values: number; readonly groups: number; readonly rows: number };
}

/**
 * Reads a column of values and one of groups. Throws as readCells, and TableFault VALUES with the first row
 * whose value is no such number: its text is not told.
 */
export async function readComputeColumn(file: ComputedFile): Promise<ComputeColumn> {
  const { path, table, part, valueColumn, groupColumn, scale } = file;
  const column = table.columns.find(({ name }) => name === valueColumn);
  if (column?.type !== 'INTEGER' && column?.type !== 'DECIMAL') {
    throw new TableFault('VALUES', `has no column of numbers ${JSON.stringify(valueColumn)}.`);
  }
  const [values, labels]: [number[], string[]] = [[], []];
  const missing = { values: 0, groups: 0, rows: 0 };
  const columns = [valueColumn, groupColumn];
  await readCells(path, { table, file: part, columns }, ([value = null, label = null], row) => {
    if (value === null) missing.values += 1;
    if (label === null) missing.groups += 1;
    if (value === null || label === null) {
      missing.rows += 1;
      return;
    }
    const number = Number(scaledInteger(value, column, scale) ?? NaN);
    if (!Number.isSafeInteger(number)) {
      throw new TableFault(
        'VALUES',
        `has in row ${row + 1} of ${JSON.stringify(valueColumn)} no number of at most ${scale} digits ` +
          'behind its mark that can be computed on exactly: declare what is missing, or mend it.',
      );
    }
    values.push(number);
    labels.push(label);
  });
  return { values, ...groupRows(labels), missing };
}
