import type { Hex } from '../base/bytes.ts';
import { defineRecord, type Ledger } from '../base/room.ts';
import { keySchema, organisationSchema, type Key, type Organisation } from './schema.ts';

export const organisationRecord = defineRecord({
  name: 'organisation',
  collection: 'organisations',
  title: 'Organisation',
  schema: organisationSchema,
  stream: 'identity',
  searchText: (organisation) => organisation.name,
});

export const keyRecord = defineRecord({
  name: 'key',
  collection: 'keys',
  title: 'Signing key',
  schema: keySchema,
  stream: 'identity',
});

export const readOrganisation = (ledger: Ledger, id: string): Organisation | null =>
  ledger.read(organisationRecord, id);

export const readKey = (ledger: Ledger, id: Hex): Key | null => ledger.read(keyRecord, id);

/** True where the organisation exists and is not suspended. */
export const isInGoodStanding = (ledger: Ledger, id: string): boolean =>
  readOrganisation(ledger, id)?.state === 'ACTIVE';
