import type { Hex } from '../base/bytes.ts';
import { isIdentifier } from '../base/identifier.ts';
import { defineRecord, type Ledger } from '../base/room.ts';
import { creditCodeId } from './credit-code.ts';
import {
  creditCodeSchema,
  keySchema,
  organisationSchema,
  recoverySchema,
  type Key,
  type Organisation,
} from './schema.ts';

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

export const creditCodeRecord = defineRecord({
  name: 'credit-code',
  collection: 'credit-codes',
  title: 'Credit code that one organisation holds',
  schema: creditCodeSchema,
  stream: 'identity',
});

export const recoveryRecord = defineRecord({
  name: 'recovery',
  collection: 'recoveries',
  title: 'Recovery of an organisation’s keys',
  schema: recoverySchema,
  stream: 'identity',
});

type Coded = Pick<Organisation, 'jurisdiction' | 'creditCode'>;

/** The organisation that holds this code, in whatever standing; null where it is free. */
export const findHolder = (ledger: Reader, { jurisdiction, creditCode }: Coded): string | null =>
  ledger.read(creditCodeRecord, creditCodeId(jurisdiction, creditCode))?.organisationId ?? null;

/** The caller has found the code free; it is never given back. */
export function claimCreditCode(
  ledger: Ledger,
  organisation: Coded & { readonly id: string },
): void {
  const { id: organisationId, jurisdiction, creditCode } = organisation;
  const id = creditCodeId(jurisdiction, creditCode);
  const claim = { id, organisationId, claimedAtMs: ledger.timeMs };
  ledger.write(creditCodeRecord, claim, 'identity.credit-code-claimed');
}

type Reader = Pick<Ledger, 'read'>;

export const readOrganisation = (ledger: Reader, id: string): Organisation | null =>
  ledger.read(organisationRecord, id);

export const readKey = (ledger: Ledger, id: Hex): Key | null => ledger.read(keyRecord, id);

/** True where the organisation exists and is not suspended. */
export const isInGoodStanding = (ledger: Ledger, id: string): boolean =>
  readOrganisation(ledger, id)?.state === 'ACTIVE';

/** U+FF01 to U+FF5E are the printable ASCII characters in the width of Chinese ones. */
const wideToAscii = 0xfee0;

/**
 * A name as it is compared: wide letters and signs as ASCII ones, without unseen characters, outer
 * and repeated spaces, ASCII letters in lower case. By tables written here, never by the runtime's
 * Unicode version, in which nodes may differ.
 */
const spelled = (name: string): string =>
  name
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - wideToAscii))
    .replace(/[\u00ad\u200b-\u200f\u2060]/g, '')
    .trim()
    .replace(/\s+/gu, ' ')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * Whether who is named, by an organisation's id or by the name of a firm that need not be admitted,
 * is this organisation or of its house.
 */
export function isOfHouse(ledger: Reader, organisationId: string, named: string): boolean {
  if (isIdentifier(named) && areRelated(ledger, organisationId, named)) return true;
  const organisation = readOrganisation(ledger, organisationId);
  if (!organisation) return false;
  const { name, beneficialOwner } = organisation;
  return [name, beneficialOwner ?? name].map(spelled).includes(spelled(named));
}

/**
 * Whether two organisations are one, have one beneficial owner, or one owns the other (回避). An
 * owner is known by the name that the operator admitted it with, however it is spaced or cased;
 * an organisation without a stated owner is related only to itself and to what it owns.
 */
export function areRelated(ledger: Reader, leftId: string, rightId: string): boolean {
  if (leftId === rightId) return true;
  const left = readOrganisation(ledger, leftId);
  const right = readOrganisation(ledger, rightId);
  if (!left || !right) return false;
  const [leftOwner, rightOwner] = [left.beneficialOwner, right.beneficialOwner].map((owner) =>
    owner === null ? null : spelled(owner),
  );
  const sameOwner = leftOwner !== null && leftOwner === rightOwner;
  return sameOwner || leftOwner === spelled(right.name) || rightOwner === spelled(left.name);
}
