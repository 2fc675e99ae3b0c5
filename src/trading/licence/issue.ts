import { assert } from '../../base/assert.ts';
import { periodEndMs } from '../../base/calendar.ts';
import { sinceMachineVersion } from '../../base/machine-version.ts';
import type { Ledger } from '../../base/room.ts';
import type { Licence, Trade } from '../schema.ts';
import { licenceExpiry, licenceRecord, moveLicence } from '../state.ts';
import { licenceTransitions } from '../transitions.ts';

/** The end of a term of so many calendar days that begins now. */
const termEndMs = ({ timeMs, rules }: Ledger, { terms }: Trade): number =>
  periodEndMs(timeMs, { unit: 'day', count: terms.durationDays }, rules.calendar);

/** By version 1 a term began with the issue of its licence, and could be over before any delivery. */
const beginsAtIssue = ({ machineVersion }: Ledger): boolean =>
  machineVersion < sinceMachineVersion.termFromActivation;

/**
 * Issues the licence of a trade whose escrow has just been funded, or of a free one whose delivery begins.
 * Until it becomes active, `validUntilMs` only says when a term that began now would end.
 */
export function issueLicence(ledger: Ledger, trade: Trade): void {
  const { timeMs } = ledger;
  const validUntilMs = termEndMs(ledger, trade);
  if (beginsAtIssue(ledger)) ledger.schedule(licenceExpiry, trade.id, validUntilMs);
  ledger.write(
    licenceRecord,
    {
      id: trade.id,
      state: 'ISSUED',
      tradeId: trade.id,
      purpose: trade.purpose,
      licensor: trade.seller,
      licensee: trade.buyer,
      listingId: trade.listingId,
      revisionRoot: trade.revisionRoot,
      registrationId: trade.registrationId,
      terms: trade.terms,
      compute: trade.compute,
      uses: 0,
      nextNonce: 0,
      issuedAtMs: timeMs,
      activatedAtMs: null,
      validUntilMs,
      deletionCommitment: null,
      changedAtMs: timeMs,
    },
    'licence.issued',
  );
}

function licenceOf(ledger: Ledger, trade: Trade): Licence {
  const licence = ledger.read(licenceRecord, trade.id);
  assert(licence, 'a funded trade has a licence');
  return licence;
}

/** From now the buyer may use it, and its term begins; a licence that has run out meanwhile stays so. */
export function activateLicence(ledger: Ledger, trade: Trade): void {
  const licence = licenceOf(ledger, trade);
  if (licence.state !== 'ISSUED') return;
  const validUntilMs = beginsAtIssue(ledger) ? licence.validUntilMs : termEndMs(ledger, trade);
  if (!beginsAtIssue(ledger)) ledger.schedule(licenceExpiry, trade.id, validUntilMs);
  const active = { ...licence, activatedAtMs: ledger.timeMs, validUntilMs };
  moveLicence(ledger, active, 'activate', 'ACTIVE', 'licence.activated');
}

/** A refunded buyer keeps no licence that is still alive. */
export function endLicence(ledger: Ledger, trade: Trade): void {
  const licence = licenceOf(ledger, trade);
  if (!licenceTransitions[licence.state].terminate) return;
  moveLicence(ledger, licence, 'terminate', 'TERMINATED', 'licence.terminated');
}
