import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { toHex, type Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { CsvReader, type CsvFacts, type CsvOptions } from '../csv/csv-reader.ts';
import type { RowBatch } from '../row-batch.ts';
import type { FileDescription } from '../description/file.ts';
import { TableFault } from '../table-fault.ts';
import { readParquet } from './parquet/read-parquet.ts';

const chunkBytes = 2 ** 20;

export interface ReadOptions extends CsvOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes read so far, and of how many. */
  readonly onProgress?: ((bytes: number, total: number) => void) | undefined;
  /** Called once, before the first rows. */
  readonly onColumns: (names: readonly string[]) => void;
  /** A view: the rows are to be looked at before it returns. */
  readonly onRows: (rows: RowBatch, bytesRead: number, bytesTotal: number) => void;
}

export interface ReadFile extends Pick<CsvFacts, 'byteOrderMark' | 'blankLines' | 'ragged'> {
  readonly file: FileDescription;
  readonly bytes: number;
  /** SHA-256 of the file. */
  readonly sha256: Hex;
}

/**
 * One pass over a file: a chunk is fetched while the one before is looked at. Throws TableFault;
 * OperationalError INPUT_FILE, or CANCELLED where `signal` says so.
 */
export async function readTableFile(path: string, options: ReadOptions): Promise<ReadFile> {
  const handle = await opened(path);
  try {
    const { size } = await handle.stat();
    if (await isParquet(handle, size)) return await readParquetFile(handle, path, size, options);
    const reader = new CsvReader(options);
    const hash = createHash('sha256');
    const take = named(reader, options, size);
    let bytes = 0;
    for await (const chunk of chunksOf(handle, path)) {
      if (bytes === 0) refuseOtherFormats(chunk);
      bytes += chunk.length;
      hash.update(chunk);
      take(reader.push(chunk), bytes);
      options.onProgress?.(bytes, size);
      if (options.signal?.aborted === true) throw cancelled();
    }
    take(reader.end(), bytes);
    const { encoding, dialect, ...found } = reader.facts;
    const file = { format: 'csv', encoding, dialect } as const;
    return { file, ...found, bytes, sha256: toHex(hash.digest()) };
  } finally {
    await handle.close();
  }
}

export const cancelled = (): OperationalError =>
  new OperationalError('CANCELLED', 'Stopped as asked. Nothing is left behind.');

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

const unreadable = (path: string, cause: unknown): OperationalError =>
  new OperationalError('INPUT_FILE', `${path} cannot be read: ${(cause as Error).message}.`, {
    cause,
  });

/** Two buffers take turns: what is given holds until the next but one is asked for. */
async function* chunksOf(handle: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  const buffers = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)] as const;
  const read = (turn: number): Promise<Uint8Array> => {
    const buffer = buffers[(turn & 1) as 0 | 1];
    return handle.read(buffer, 0, chunkBytes, null).then(
      ({ bytesRead }) => buffer.subarray(0, bytesRead),
      (cause: unknown) => {
        throw unreadable(path, cause);
      },
    );
  };
  let next = read(0);
  for (let turn = 1; ; turn += 1) {
    const chunk = await next;
    if (chunk.length === 0) return;
    next = read(turn);
    // Whoever stops early leaves this one unasked for; it is no failure of anybody's.
    next.catch(() => undefined);
    yield chunk;
  }
}

function named(
  reader: CsvReader,
  { onColumns, onRows }: ReadOptions,
  total: number,
): (rows: RowBatch, bytes: number) => void {
  let isNamed = false;
  return (rows, bytes) => {
    if (reader.columns === null) return;
    if (!isNamed) onColumns(reader.columns);
    isNamed = true;
    onRows(rows, bytes, total);
  };
}

/** `PAR1`, at both ends. A pipe has no end to look at: it is read as text. */
async function isParquet(handle: FileHandle, size: number): Promise<boolean> {
  if (size < 12) return false;
  const magic = Buffer.alloc(4);
  await handle.read(magic, 0, 4, 0);
  return magic.toString('latin1') === 'PAR1';
}

async function readParquetFile(
  handle: FileHandle,
  path: string,
  size: number,
  { onColumns, onRows, onProgress, signal }: ReadOptions,
): Promise<ReadFile> {
  await readParquet(handle, size, {
    onColumns,
    onRows(rows, bytesRead) {
      onRows(rows, bytesRead, size);
      onProgress?.(bytesRead, size);
    },
    async rest() {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) throw cancelled();
    },
  });
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(handle, path)) hash.update(chunk);
  const none = { count: 0, first: null };
  const sha256 = toHex(hash.digest());
  return {
    ...{ file: { format: 'parquet' }, byteOrderMark: false, blankLines: 0 },
    ...{ ragged: none, bytes: size, sha256 },
  };
}

/** By the bytes with which they begin. */
const otherFormats: readonly [begins: readonly number[], what: string][] = [
  [
    [0x50, 0x4b, 0x03, 0x04],
    'is a ZIP file (XLSX is one), which is not read, since no kept library hands out the numbers of a sheet as they are stored: save the sheet as CSV in UTF-8.',
  ],
  [
    [0xd0, 0xcf, 0x11, 0xe0],
    'is an old Excel file (XLS), which is not read: save its table as CSV in UTF-8.',
  ],
  [[0x1f, 0x8b], 'is compressed (gzip): unpack it first.'],
  [[0x25, 0x50, 0x44, 0x46], 'is a PDF document: a table is read from CSV.'],
];

function refuseOtherFormats(head: Uint8Array): void {
  for (const [begins, what] of otherFormats) {
    if (begins.every((byte, at) => head[at] === byte)) throw new TableFault('FORMAT', what);
  }
}
