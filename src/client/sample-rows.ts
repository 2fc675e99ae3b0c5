/** The rows of a listing's sample: chosen by the seller's machine, found again by the buyer's. */
import type { FileDescription } from '../data/description/file.ts';
import type { TableDescription } from '../data/description/table.ts';
import { readCells } from '../data/shell/read-cells.ts';
import { successWith, type Outcome } from '../base/result.ts';
import { AnonymousRows } from '../privacy/zk/statements/class-selection.ts';
import {
  quasiIdentifierElement,
  type KAnonymityParameters,
} from '../privacy/zk/statements/k-anonymity.ts';

export interface SampledFile {
  readonly path: string;
  readonly table: TableDescription;
  /** null: as the file looks by itself. */
  readonly part: FileDescription | null;
  /** Names of the quasi-identifiers, in the order of the listing. */
  readonly columns: readonly string[];
}

export interface ChosenSample {
  /** Indices into the file's rows, from 0, in the order of the proved column. */
  readonly rows: readonly number[];
  readonly column: readonly bigint[];
  /** Rows with a missing quasi-identifier: none of them is in a sample. */
  readonly leftOut: number;
}

/**
 * Two passes over the file; memory grows with the number of classes. Refused ZK_SELECTION_IMPOSSIBLE where
 * the classes are too small or too few. Throws as readCells.
 */
export async function chooseSample(
  file: SampledFile,
  parameters: KAnonymityParameters,
): Promise<Outcome<ChosenSample>> {
  const gathered = new AnonymousRows(parameters);
  let leftOut = 0;
  await readCells(file.path, { ...file, file: file.part }, (cells, row) => {
    if (isWhole(cells)) gathered.add(row, cells);
    else leftOut += 1;
  });
  const chosen = gathered.select();
  if (!chosen.ok) return chosen;
  const rows = chosen.value;
  const column = await sampleColumn(file, rows);
  return successWith({ rows, column: column ?? [], leftOut });
}

/**
 * The elements of rows, in their order; null where one is not in the file or misses a quasi-identifier.
 * Throws as readCells.
 */
export async function sampleColumn(
  file: SampledFile,
  rows: readonly number[],
): Promise<bigint[] | null> {
  const wanted = new Set(rows);
  const found = new Map<number, bigint>();
  const isWanted = (row: number): boolean => wanted.has(row);
  await readCells(file.path, { ...file, file: file.part, isWanted }, (cells, row) => {
    if (isWhole(cells)) found.set(row, quasiIdentifierElement(cells));
  });
  const column = rows.map((row) => found.get(row));
  return column.every((element) => element !== undefined) ? column : null;
}

const isWhole = (cells: readonly (string | null)[]): cells is readonly string[] =>
  cells.every((cell) => cell !== null);
