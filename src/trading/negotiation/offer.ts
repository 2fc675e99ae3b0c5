import { refuse } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { areRelated } from '../../identity/state.ts';
import type { Valuation } from '../../pricing/schema.ts';
import { readValuation } from '../../pricing/state.ts';
import { openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { offerCommand } from '../schema.ts';
import { propose } from './propose.ts';

/** An unrelated organisation, neither the seller's nor the appraiser's, came to the same result. */
function isConfirmedByOthers(context: Context, valuation: Valuation): boolean {
  const { state, appraiser, confirmations, resultFen } = valuation;
  const seller = context.actor.organisationId;
  if (state !== 'CONFIRMED' || areRelated(context, appraiser, seller)) return false;
  return confirmations.some(
    (confirmation) =>
      confirmation.resultFen === resultFen &&
      !areRelated(context, confirmation.organisationId, seller) &&
      !areRelated(context, confirmation.organisationId, appraiser),
  );
}

/** The seller answers a request with price and terms, and may rest them on a valuation. */
export const offer = defineOperation({
  number: 601,
  name: 'trading.offer',
  title: 'Offer price and terms to the buyer',
  command: offerCommand,
  roles: ['SELLER'],
  apply(context, command) {
    const opened = openTrade(context, command.tradeId, ['seller'], 'offer');
    if (!opened.ok) return opened;
    const { listingId, listingRevision } = opened.value;
    if (command.valuationId !== null) {
      const valuation = readValuation(context, command.valuationId);
      const fits =
        valuation?.subjectId === listingId && valuation.subjectRevision === listingRevision;
      if (!fits || !isConfirmedByOthers(context, valuation)) {
        return refuse(
          tradingResults.TRADING_VALUATION_UNFIT,
          `Valuation ${command.valuationId} for ${listingId} revision ${listingRevision}.`,
        );
      }
    }
    const step = { verb: 'offer', to: 'OFFERED', event: 'trading.offered' } as const;
    return propose(context, 'seller', step, command);
  },
});
