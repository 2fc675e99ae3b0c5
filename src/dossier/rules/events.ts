/**
 * The events of the exchange as lawful steps of records: restated here, apart from the rooms, as
 * the operations are. docs/dossier.md prints this table.
 */
import { complianceEvents } from './compliance.ts';
import { computeEvents } from './compute.ts';
import { governanceEvents } from './governance.ts';
import { identityEvents } from './identity.ts';
import { listingEvents } from './listing.ts';
import { rightsEvents } from './rights.ts';
import type { EventRule } from './rule.ts';
import { tradingEvents } from './trading.ts';

export const eventRules: ReadonlyMap<string, EventRule> = new Map(
  [
    ...identityEvents,
    ...rightsEvents,
    ...listingEvents,
    ...complianceEvents,
    ...tradingEvents,
    ...computeEvents,
    ...governanceEvents,
  ].map((rule) => [rule.name, rule]),
);

/** Records that many trades share: a dossier holds some of their events, not all in a row. */
export const sharedKinds: readonly string[] = [
  'account',
  'bank-standing',
  'certificate-series',
  'fingerprint-claim',
];

/** Whether a dossier may hold some of a record's events only: an escrow is of one trade alone. */
export const isShared = (kind: string, id: string): boolean =>
  sharedKinds.includes(kind) && !(kind === 'account' && id.startsWith('escrow-'));
