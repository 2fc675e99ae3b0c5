/** The rows of a listing's sample: chosen by the seller's machine, found again by the buyer's. */
import type { FileDescription } from '../data/description/file.ts';
import type { TableDescription } from '../data/description/table.ts';
import { readCells } from '../data/shell/read-cells.ts';
import { refuse, successWith, type Outcome } from '../base/result.ts';
import type { SampleSize } from '../base/rules.ts';
import { neededSize } from '../base/sample-sizes.ts';
import { zkResults } from '../privacy/zk/results.ts';
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
  return chosenOf(file, await gather(file, parameters.rows), parameters);
}

export interface NeededSample extends ChosenSample {
  readonly size: SampleSize;
  /** Rows of the file. */
  readonly fileRows: number;
}

/** As `chooseSample`, of the size that a file of so many rows needs; refused where none is for so few. */
export async function chooseNeededSample(
  file: SampledFile,
  sizes: readonly SampleSize[],
): Promise<Outcome<NeededSample>> {
  const gathered = await gather(file, Math.max(...sizes.map(({ rows }) => rows)));
  const { fileRows } = gathered;
  const size = neededSize(sizes, fileRows);
  if (size === null) {
    const least = Math.min(...sizes.map(({ fileRowsMin }) => fileRowsMin));
    return refuse(
      zkResults.ZK_SELECTION_IMPOSSIBLE,
      `the file has ${fileRows} rows, and the smallest sample is of files of ${least} rows or more`,
    );
  }
  const chosen = await chosenOf(file, gathered, size);
  return chosen.ok ? successWith({ ...chosen.value, size, fileRows }) : chosen;
}

interface Gathered {
  readonly classes: AnonymousRows;
  readonly fileRows: number;
  readonly leftOut: number;
}

async function gather(file: SampledFile, rowsMax: number): Promise<Gathered> {
  const classes = new AnonymousRows(rowsMax);
  let [fileRows, leftOut] = [0, 0];
  await readCells(file.path, { ...file, file: file.part }, (cells, row) => {
    fileRows += 1;
    if (isWhole(cells)) classes.add(row, cells);
    else leftOut += 1;
  });
  return { classes, fileRows, leftOut };
}

async function chosenOf(
  file: SampledFile,
  { classes, leftOut }: Gathered,
  parameters: KAnonymityParameters,
): Promise<Outcome<ChosenSample>> {
  const chosen = classes.select(parameters);
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
