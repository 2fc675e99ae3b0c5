import { refuse, success, type Outcome } from '../../base/result.ts';
import type { Ledger } from '../../base/room.ts';
import { areRelated } from '../../identity/state.ts';
import type { Valuation } from '../../pricing/schema.ts';
import { readValuation } from '../../pricing/state.ts';
import { tradingResults } from '../results.ts';
import type { Trade } from '../schema.ts';

/** An unrelated organisation, neither the seller's nor the appraiser's, came to the same result. */
function isConfirmedByOthers(ledger: Ledger, seller: string, valuation: Valuation): boolean {
  const { state, appraiser, confirmations, resultFen } = valuation;
  if (state !== 'CONFIRMED' || areRelated(ledger, appraiser, seller)) return false;
  return confirmations.some(
    (confirmation) =>
      confirmation.resultFen === resultFen &&
      !areRelated(ledger, confirmation.organisationId, seller) &&
      !areRelated(ledger, confirmation.organisationId, appraiser),
  );
}

/**
 * Whether the valuation that an offer rests on, where it does, is of this revision and stands
 * uncontested now. Refuses with TRADING_VALUATION_UNFIT.
 */
export function checkValuation(
  ledger: Ledger,
  trade: Pick<Trade, 'seller' | 'listingId' | 'listingRevision' | 'valuationId'>,
): Outcome {
  const { seller, listingId, listingRevision, valuationId } = trade;
  if (valuationId === null) return success;
  const valuation = readValuation(ledger, valuationId);
  const fits = valuation?.subjectId === listingId && valuation.subjectRevision === listingRevision;
  return fits && isConfirmedByOthers(ledger, seller, valuation)
    ? success
    : refuse(
        tradingResults.TRADING_VALUATION_UNFIT,
        `Valuation ${valuationId} for ${listingId} revision ${listingRevision}.`,
      );
}
