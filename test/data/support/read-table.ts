import { readFileSync } from 'node:fs';
import { CsvReader, type CsvFacts, type CsvOptions } from '../../../src/data/csv/csv-reader.ts';
import { rowTexts, type RowBatch } from '../../../src/data/row-batch.ts';
import { TableFault } from '../../../src/data/table-fault.ts';

export const caseFile = (name: string): Uint8Array =>
  readFileSync(new URL(`../cases/${name}`, import.meta.url));

export const caseJson = (name: string): unknown => JSON.parse(String(caseFile(name)));

export interface ReadTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly facts: CsvFacts;
}

/** @param chunkBytes at a time, as a file comes */
export function readTable(
  file: Uint8Array | string,
  options: CsvOptions = {},
  chunkBytes = 2 ** 20,
): ReadTable {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  const reader = new CsvReader(options);
  const rows: (string | null)[][] = [];
  const take = (batch: RowBatch): void => {
    for (let row = 0; row < batch.rows; row += 1) rows.push(rowTexts(batch, row));
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    take(reader.push(bytes.subarray(at, at + chunkBytes)));
  }
  take(reader.end());
  return { columns: reader.columns ?? [], rows, facts: reader.facts };
}

/** What a file is refused with. Throws where it is read. */
export function faultOf(read: () => unknown): TableFault {
  try {
    read();
  } catch (error) {
    if (error instanceof TableFault) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
