import type { AsyncBuffer, FileMetaData, SchemaElement } from 'hyparquet';
import type { FileHandle } from 'node:fs/promises';
import { batchOfTexts, type RowBatch } from '../../row-batch.ts';
import { TableFault } from '../../table-fault.ts';
import { cellWriter, type CellWriter } from './cell-text.ts';

/** Rows that are looked at together. */
const batchRows = 8_192;
/** Of a row group unpacked, which is held whole in memory, some five times over. */
const groupBytesMax = 2 ** 28;

export interface ParquetOptions {
  readonly onColumns: (names: readonly string[]) => void;
  /** A view, and how many of the file's bytes have been read by now. */
  readonly onRows: (rows: RowBatch, bytesRead: number) => void;
  /** Between batches, so that others have their turn and may stop it. */
  readonly rest: () => Promise<void>;
}

/**
 * Rows of exact text of a Parquet file, row group by row group. hyparquet is given a schema without
 * annotations, so that it hands out what is stored: it would make doubles of decimals, and cut moments to
 * milliseconds. Throws TableFault.
 */
export async function readParquet(
  handle: FileHandle,
  size: number,
  options: ParquetOptions,
): Promise<void> {
  const { parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = bufferOf(handle, size);
  const metadata = await readable(() => parquetMetadataAsync(file, { geoparquet: false }));
  const elements = flatColumns(metadata);
  const writers = elements.map(writerOf);
  options.onColumns(elements.map(({ name }) => name));
  const stored = withoutAnnotations(metadata);
  let [before, read] = [0, 0];
  for (const { num_rows, total_byte_size } of metadata.row_groups) {
    checkGroup(total_byte_size);
    const rows = await readable(async () => {
      let found: unknown[][] = [];
      await parquetRead({
        ...{ file, metadata: stored, compressors, utf8: false, geoparquet: false },
        ...{ rowFormat: 'array', rowStart: before, rowEnd: before + Number(num_rows) },
        // Of INT96 alone, whose values no annotation tells: nanoseconds, as they are.
        parsers: { timestampFromNanoseconds: (nanos: bigint) => nanos },
        onComplete: (all: unknown[][]) => (found = all),
      });
      return found;
    });
    read += 1;
    const share = Math.floor((size * read) / metadata.row_groups.length);
    for (let at = 0; at < rows.length; at += batchRows) {
      options.onRows(
        textsOf(rows.slice(at, at + batchRows), elements, writers, before + at),
        share,
      );
      await options.rest();
    }
    before += rows.length;
  }
  if (before === 0) throw new TableFault('EMPTY', 'has columns and no row: a table has rows.');
}

const bufferOf = (handle: FileHandle, size: number): AsyncBuffer => ({
  byteLength: size,
  async slice(start, end = size) {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return bytes.buffer.slice(0, bytesRead);
  },
});

async function readable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new TableFault(
      'FORMAT',
      `cannot be read as Parquet (${(cause as Error).message}): write it anew, or as CSV in UTF-8.`,
    );
  }
}

/** Throws TableFault FORMAT for lists, maps and records: a cell is one value. */
function flatColumns({ schema }: FileMetaData): SchemaElement[] {
  const [, ...elements] = schema;
  const nested = elements.find(
    ({ num_children, repetition_type }) =>
      (num_children ?? 0) > 0 || repetition_type === 'REPEATED',
  );
  if (nested !== undefined) {
    throw new TableFault(
      'FORMAT',
      `has lists or records in its column ${nested.name}: a cell of a table is one value. Write them as ` +
        'columns of their own.',
    );
  }
  if (elements.length === 0) throw new TableFault('EMPTY', 'has no column.');
  return elements;
}

function writerOf(element: SchemaElement): CellWriter {
  const writer = cellWriter(element);
  if (writer !== null) return writer;
  const { name, logical_type: logical, converted_type: converted, type } = element;
  const shown = logical?.type ?? converted ?? type ?? 'unknown';
  throw new TableFault(
    'FORMAT',
    `has a column ${name} of the type ${shown}, which has no form as text here: write it as text.`,
  );
}

const withoutAnnotations = (metadata: FileMetaData): FileMetaData => ({
  ...metadata,
  schema: metadata.schema.map(({ converted_type: _c, logical_type: _l, ...element }) => element),
});

function checkGroup(bytes: bigint): void {
  if (bytes <= BigInt(groupBytesMax)) return;
  throw new TableFault(
    'TOO_LARGE',
    `has a row group of ${bytes} bytes; ${groupBytesMax} is the limit, since a group is held in memory. ` +
      'Write it with smaller row groups.',
  );
}

function textsOf(
  rows: readonly (readonly unknown[])[],
  elements: readonly SchemaElement[],
  writers: readonly CellWriter[],
  before: number,
): RowBatch {
  return batchOfTexts(
    rows.map((cells, row) =>
      writers.map((write, column) => {
        const value = cells[column];
        if (value === null || value === undefined) return null;
        try {
          return write(value);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          throw new TableFault(
            'ENCODING',
            `holds in row ${before + row + 1}, column ${elements[column]?.name ?? ''}, what cannot be ` +
              `written as text: ${error.message}.`,
          );
        }
      }),
    ),
  );
}
