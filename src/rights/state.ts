import { defineRecord, type Ledger } from '../base/room.ts';
import {
  certificateSeriesSchema,
  fingerprintClaimSchema,
  objectionSchema,
  registeredTableSchema,
  registrationSchema,
  type Objection,
  type RegisteredTable,
  type Registration,
} from './schema.ts';

export const registrationRecord = defineRecord({
  name: 'registration',
  collection: 'registrations',
  title: 'Registration of data rights',
  schema: registrationSchema,
  stream: 'catalogue',
  searchText: ({ name, overview, region }) => `${name} ${overview} ${region}`,
});

export const objectionRecord = defineRecord({
  name: 'objection',
  collection: 'objections',
  title: 'Objection to a registration',
  schema: objectionSchema,
  stream: 'catalogue',
});

export const certificateSeriesRecord = defineRecord({
  name: 'certificate-series',
  collection: 'certificate-series',
  title: 'Series of certificate numbers',
  schema: certificateSeriesSchema,
  stream: 'catalogue',
});

export const fingerprintClaimRecord = defineRecord({
  name: 'fingerprint-claim',
  collection: 'fingerprint-claims',
  title: 'Registration that holds a fingerprint',
  schema: fingerprintClaimSchema,
  stream: 'catalogue',
});

export const registeredTableRecord = defineRecord({
  name: 'registered-table',
  collection: 'registered-tables',
  title: 'Table that a registration is of',
  schema: registeredTableSchema,
  stream: 'catalogue',
});

/** Whether a table that was stated is of the registration as it stands: it may have been resubmitted since. */
export const isTableOf = (table: RegisteredTable, { id, fingerprint }: Registration): boolean =>
  table.id === id &&
  table.rows === fingerprint.rows &&
  table.columns === fingerprint.columns &&
  table.rowsRoot === fingerprint.rowsRoot &&
  table.bareCommitment === fingerprint.contentCommitment;

export const readRegistration = (ledger: Ledger, id: string): Registration | null =>
  ledger.read(registrationRecord, id);

export const readObjection = (ledger: Ledger, id: string): Objection | null =>
  ledger.read(objectionRecord, id);
