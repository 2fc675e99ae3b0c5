import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { OperationalError } from '../base/operational-error.ts';
import type { Column } from '../listing/schema.ts';

/** The product of the demonstration: a real table of a real package. */
export interface Dataset {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly licence: string;
  readonly source: string;
  readonly columns: readonly Column[];
}

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

/** Throws OperationalError DATASET_UNREADABLE or DATASET_CHANGED. */
export async function loadDataset(): Promise<Dataset> {
  const require = createRequire(import.meta.url);
  const folder = path.resolve(path.dirname(require.resolve('vega-datasets')), '..');
  const file = path.join(folder, 'data', 'birdstrikes.csv');
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new OperationalError('DATASET_UNREADABLE', `${file}: run npm ci again.`, { cause });
  });
  const [header, ...rows] = parse(bytes, { bom: true });
  if (!header || header.join() !== columns.map(({ name }) => name).join()) {
    throw new OperationalError('DATASET_CHANGED', 'birdstrikes.csv has other columns than known.');
  }
  return {
    file,
    bytes,
    header,
    rows,
    licence: 'U.S. Government Dataset (public domain in the United States)',
    source: 'FAA Wildlife Strike Database',
    columns,
  };
}

/** The values of one column, in row order. */
export function columnOf(dataset: Dataset, name: string): string[] {
  const index = dataset.header.indexOf(name);
  return dataset.rows.map((row) => row[index] ?? '');
}
