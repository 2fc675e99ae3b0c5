import { equalBytes, fromHex, toHex } from '../base/bytes.ts';
import { blockRows, indexDigestBytes } from './fingerprint/block-digests.ts';

/** By which two who hold its key are told where their tables differ: docs/fingerprint.md. */
export interface TableIndex {
  readonly names: readonly string[];
  readonly rows: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 16 bytes a column, block by block. */
  readonly columnDigests: Uint8Array;
  /** 8 bytes a row, where the table is small enough. */
  readonly rowDigests: Uint8Array | null;
}

/** Rows `from` to `to`, counted from 1. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export interface RowDifference {
  /** Names of the columns in which cells differ; all, where rows are more or fewer or moved. */
  readonly columns: readonly string[];
  readonly ranges: readonly RowRange[];
  /** Each row that differs, where the indices tell; null where they do not, or it is too many. */
  readonly rows: readonly number[] | null;
}

const rangesMax = 100;
const rowsMax = 1_000;

/**
 * Where two tables of the same names of columns differ; null where their indices agree.
 * @param found made with the key of `expected`
 */
export function differenceOf(expected: TableIndex, found: TableIndex): RowDifference | null {
  const width = expected.names.length;
  const blocks = Math.ceil(Math.max(expected.rows, found.rows) / blockRows);
  const last = Math.max(expected.rows, found.rows);
  const columns = new Set<number>();
  const ranges: RowRange[] = [];
  for (let block = 0; block < blocks; block += 1) {
    let differs = false;
    for (let column = 0; column < width; column += 1) {
      if (isSameDigest(expected, found, block * width + column)) continue;
      columns.add(column);
      differs = true;
    }
    if (differs) append(ranges, block, last);
  }
  if (ranges.length === 0) return null;
  return {
    columns: [...columns].sort((one, other) => one - other).map((at) => expected.names[at] ?? ''),
    ranges: ranges.slice(0, rangesMax),
    rows: rowsThatDiffer(expected, found),
  };
}

function isSameDigest(expected: TableIndex, found: TableIndex, place: number): boolean {
  const at = place * indexDigestBytes;
  const digest = expected.columnDigests.subarray(at, at + indexDigestBytes);
  return equalBytes(digest, found.columnDigests.subarray(at, at + indexDigestBytes));
}

function append(ranges: RowRange[], block: number, last: number): void {
  const from = block * blockRows + 1;
  const to = Math.min(last, from + blockRows - 1);
  const before = ranges.at(-1);
  if (before?.to === from - 1) ranges[ranges.length - 1] = { from: before.from, to };
  else ranges.push({ from, to });
}

function rowsThatDiffer(expected: TableIndex, found: TableIndex): number[] | null {
  const [one, other] = [expected.rowDigests, found.rowDigests];
  if (one === null || other === null) return null;
  const rows: number[] = [];
  const bytes = rowDigestBytesOf(expected);
  for (let row = 0; row < Math.max(expected.rows, found.rows); row += 1) {
    const [from, to] = [row * bytes, (row + 1) * bytes];
    if (to <= one.length && equalBytes(one.subarray(from, to), other.subarray(from, to))) continue;
    rows.push(row + 1);
    if (rows.length > rowsMax) return null;
  }
  return rows;
}

const rowDigestBytesOf = ({ rowDigests, rows }: TableIndex): number =>
  Math.trunc((rowDigests?.length ?? 0) / Math.max(1, rows));

/** As it stands in files of JSON. */
export const indexToJson = ({ key, columnDigests, rowDigests }: TableIndex) => ({
  blockRows,
  key: toHex(key),
  columnDigests: toHex(columnDigests),
  rowDigests: rowDigests === null ? null : toHex(rowDigests),
});

/** null where the value is no index of such a table. */
export function indexFromJson(
  value: unknown,
  names: readonly string[],
  rows: number,
): TableIndex | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, columnDigests, rowDigests } = value as Readonly<Record<string, unknown>>;
  if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key)) return null;
  const columns = bytesOf(columnDigests);
  const ofRows = rowDigests === null ? null : bytesOf(rowDigests);
  const size = Math.ceil(rows / blockRows) * names.length * indexDigestBytes;
  if (columns?.length !== size || ofRows === undefined) return null;
  return { names, rows, key: fromHex(key), columnDigests: columns, rowDigests: ofRows };
}

/** undefined where it is no hex. */
const bytesOf = (value: unknown): Uint8Array | undefined =>
  typeof value === 'string' && /^[0-9a-f]*$/.test(value) && value.length % 2 === 0
    ? fromHex(value)
    : undefined;
