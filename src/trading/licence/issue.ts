import { assert } from '../../base/assert.ts';
import type { Ledger } from '../../base/room.ts';
import type { Licence, Trade } from '../schema.ts';
import { licenceExpiry, licenceRecord, moveLicence } from '../state.ts';
import { licenceTransitions } from '../transitions.ts';

/** Issues the licence of a trade whose escrow has just been funded; it ends at `validUntilMs`. */
export function issueLicence(ledger: Ledger, trade: Trade, validUntilMs: number): void {
  const { timeMs } = ledger;
  ledger.schedule(licenceExpiry, trade.id, validUntilMs);
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

/** From now the buyer may use it; a licence whose term has run out meanwhile stays expired. */
export function activateLicence(ledger: Ledger, trade: Trade): void {
  const licence = licenceOf(ledger, trade);
  if (licence.state !== 'ISSUED') return;
  const active = { ...licence, activatedAtMs: ledger.timeMs };
  moveLicence(ledger, active, 'activate', 'ACTIVE', 'licence.activated');
}

/** A refunded buyer keeps no licence that is still alive. */
export function endLicence(ledger: Ledger, trade: Trade): void {
  const licence = licenceOf(ledger, trade);
  if (!licenceTransitions[licence.state].terminate) return;
  moveLicence(ledger, licence, 'terminate', 'TERMINATED', 'licence.terminated');
}
