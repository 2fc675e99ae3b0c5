import { defineOperation } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { offerCommand } from '../schema.ts';
import { propose } from './propose.ts';
import { checkValuation } from './valuation.ts';

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
    const { valuationId } = command;
    const valued = checkValuation(context, { ...opened.value, valuationId });
    if (!valued.ok) return valued;
    const step = { verb: 'offer', to: 'OFFERED', event: 'trading.offered' } as const;
    return propose(context, 'seller', step, command);
  },
});
