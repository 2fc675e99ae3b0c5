import { refuse } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { readValuation } from '../../pricing/state.ts';
import { openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { offerCommand } from '../schema.ts';
import { propose } from './propose.ts';

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
        valuation?.state === 'CONFIRMED' &&
        valuation.subjectId === listingId &&
        valuation.subjectRevision === listingRevision;
      if (!fits) {
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
