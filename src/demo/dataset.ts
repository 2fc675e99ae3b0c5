import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { OperationalError } from '../base/operational-error.ts';
import { CsvReader } from '../data/csv/csv-reader.ts';
import { readPlainColumns } from '../data/description/plain-columns.ts';
import type { TableDescription } from '../data/description/table.ts';
import { rowTexts, type RowBatch } from '../data/row-batch.ts';
import type { Column } from '../listing/schema.ts';

/** The product of the demonstration: a real table of a real agency. */
export interface Dataset {
  readonly bytes: Uint8Array;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly licence: string;
  readonly source: string;
  readonly columns: readonly Column[];
  /** The same columns as the file's description states them. */
  readonly table: TableDescription;
}

/** Above the 1,223,329 bytes of the table: what is larger is not it. */
const bytesMax = 2 ** 21;

/** What each column of birdstrikes.csv says, in the words of the rule pack. */
const columns: readonly Column[] = [
  { name: 'Airport Name', type: 'TEXT', meaning: 'place.airport', sensitivity: 'GENERAL' },
  { name: 'Aircraft Make Model', type: 'TEXT', meaning: 'vehicle.model', sensitivity: 'GENERAL' },
  {
    name: 'Effect Amount of damage',
    type: 'TEXT',
    meaning: 'event.damage',
    sensitivity: 'GENERAL',
  },
  { name: 'Flight Date', type: 'DATE', meaning: 'time.date', sensitivity: 'GENERAL' },
  {
    name: 'Aircraft Airline Operator',
    type: 'TEXT',
    meaning: 'organisation.operator',
    sensitivity: 'QUASI_IDENTIFIER',
  },
  { name: 'Origin State', type: 'TEXT', meaning: 'place.state', sensitivity: 'QUASI_IDENTIFIER' },
  {
    name: 'Phase of flight',
    type: 'TEXT',
    meaning: 'event.phase',
    sensitivity: 'QUASI_IDENTIFIER',
  },
  { name: 'Wildlife Size', type: 'TEXT', meaning: 'subject.size', sensitivity: 'GENERAL' },
  { name: 'Wildlife Species', type: 'TEXT', meaning: 'subject.species', sensitivity: 'GENERAL' },
  { name: 'Time of day', type: 'TEXT', meaning: 'time.day-part', sensitivity: 'QUASI_IDENTIFIER' },
  { name: 'Cost Other', type: 'INTEGER', meaning: 'money.other-cost', sensitivity: 'GENERAL' },
  { name: 'Cost Repair', type: 'INTEGER', meaning: 'money.repair-cost', sensitivity: 'GENERAL' },
  { name: 'Cost Total $', type: 'INTEGER', meaning: 'money.total-cost', sensitivity: 'GENERAL' },
  { name: 'Speed IAS in knots', type: 'INTEGER', meaning: 'measure.speed', sensitivity: 'GENERAL' },
];

/** The table, compressed; src/demo/data/README.md says where it comes from. */
export const packedDataset = new URL('./data/birdstrikes.csv.gz', import.meta.url);

/** SHA-256 of birdstrikes.csv, hex. */
export const datasetDigest = '45777edf69984b37599e73dbfb34dbc976055243547407214261a4fcb9466462';

/** Throws OperationalError DATASET_UNREADABLE or DATASET_CHANGED. */
export async function loadDataset(packed: URL = packedDataset): Promise<Dataset> {
  const bytes = await unpack(packed);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== datasetDigest) {
    throw new OperationalError(
      'DATASET_CHANGED',
      `${fileURLToPath(packed)} is not the table of this version: its SHA-256 is ${digest}, not ` +
        `${datasetDigest}. Take the file from the version's sources again.`,
    );
  }
  const { header, rows } = readTexts(bytes);
  assert(
    header.join() === columns.map(({ name }) => name).join(),
    'the columns of the table are those that are described here',
  );
  return {
    bytes,
    header,
    rows,
    licence: 'U.S. Government Dataset (public domain in the United States)',
    source: 'FAA Wildlife Strike Database',
    columns,
    table: readPlainColumns(
      columns.map((column) =>
        column.type === 'DATE' ? { ...column, dateForm: '%Y-%m-%d' } : column,
      ),
    ),
  };
}

/** Exact text of all cells: nothing is marked as missing. */
function readTexts(bytes: Uint8Array): { header: readonly string[]; rows: string[][] } {
  const reader = new CsvReader();
  const rows: string[][] = [];
  const take = (batch: RowBatch): void => {
    for (let row = 0; row < batch.rows; row += 1) {
      rows.push(rowTexts(batch, row).map((text) => text ?? ''));
    }
  };
  take(reader.push(bytes));
  take(reader.end());
  return { header: reader.columns ?? [], rows };
}

async function unpack(packed: URL): Promise<Uint8Array> {
  try {
    return gunzipSync(await readFile(packed), { maxOutputLength: bytesMax });
  } catch (cause) {
    throw new OperationalError(
      'DATASET_UNREADABLE',
      `${fileURLToPath(packed)} cannot be read or unpacked (${(cause as Error).message}): take it ` +
        "from the version's sources again.",
      { cause },
    );
  }
}
