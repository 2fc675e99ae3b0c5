import type { Outcome } from '../../base/result.ts';
import type { Ledger } from '../../base/room.ts';
import { findOffered } from '../negotiation/proposal.ts';
import { checkValuation } from '../negotiation/valuation.ts';
import { checkBank, checkRights, checkStanding } from '../party.ts';
import type { Trade } from '../schema.ts';

/** What a deal rests on, as it stands now: parties, listing, rights, bank, and its valuation. */
export function checkGrounds(ledger: Ledger, trade: Trade): Outcome {
  const standing = checkStanding(ledger, [trade.buyer, trade.seller]);
  if (!standing.ok) return standing;
  const offered = findOffered(ledger, trade.listingId, trade.listingRevision);
  if (!offered.ok) return offered;
  const rights = checkRights(ledger, trade);
  if (!rights.ok) return rights;
  const bank = checkBank(ledger, trade);
  return bank.ok ? checkValuation(ledger, trade) : bank;
}
