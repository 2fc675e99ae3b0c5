import { namesOf, type TableDescription } from '../description/table.ts';
import type { FileDescription } from '../description/file.ts';
import { MissingCells } from '../fingerprint/canonical-rows.ts';
import { cellText, type RowBatch } from '../row-batch.ts';
import { ColumnsFault, TableFault } from '../table-fault.ts';
import { readTableFile, type ReadFile } from './read-table-file.ts';

export interface ReadCells {
  readonly table: TableDescription;
  /** null: as the file looks by itself. */
  readonly file: FileDescription | null;
  /** Names of columns, in the order in which their cells are wanted. */
  readonly columns: readonly string[];
  /** Which rows are wanted, counted from 0; all unless given. */
  readonly isWanted?: (row: number) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads some cells of a file, row by row: exact text, or null where a declared marker says that it is
 * missing. Throws TableFault, also where a row is of another width than the header; OperationalError
 * INPUT_FILE, CANCELLED.
 */
export async function readCells(
  path: string,
  { table, file, columns, isWanted = () => true, signal }: ReadCells,
  onRow: (cells: readonly (string | null)[], row: number) => void,
): Promise<ReadFile> {
  const names = namesOf(table);
  const places = columns.map((name) => placeOf(names, name));
  const missing = new MissingCells(table.columns);
  let before = 0;
  const csv = file?.format === 'csv' ? file : null;
  const read = await readTableFile(path, {
    ...{ encoding: csv?.encoding ?? null, dialect: csv?.dialect ?? null, signal },
    onColumns: (found) => checkNames(names, found),
    onRows(batch: RowBatch) {
      missing.mark(batch);
      for (let row = 0; row < batch.rows; row += 1) {
        if (!isWanted(before + row)) continue;
        onRow(
          places.map((column) => cellText(batch, row, column)),
          before + row,
        );
      }
      before += batch.rows;
    },
  });
  const { count, first } = read.ragged;
  if (count === 0) return read;
  throw new TableFault('COLUMNS', `has ${count} rows of another width than its header.`, {
    line: first?.line ?? null,
    column: null,
  });
}

function placeOf(names: readonly string[], name: string): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  throw new TableFault('COLUMNS', `has no column ${JSON.stringify(name)}: it is not described.`);
}

/** Throws ColumnsFault with the first that is another. */
export function checkNames(expected: readonly string[], found: readonly string[]): void {
  const isSame = expected.every((name, index) => name === found[index]);
  if (!isSame || expected.length !== found.length) throw new ColumnsFault(expected, found);
}
