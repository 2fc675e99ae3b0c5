import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { acceptOfferCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';
import { checkTurn } from './proposal.ts';

/** The buyer accepts the offer of the turn it names, so that none is accepted unseen. */
export const acceptOffer = defineOperation({
  number: 603,
  name: 'trading.accept-offer',
  title: 'Accept the seller’s offer',
  command: acceptOfferCommand,
  roles: ['BUYER'],
  apply(context, { tradeId, turn }) {
    const opened = openTrade(context, tradeId, ['buyer'], 'accept-offer');
    if (!opened.ok) return opened;
    const timely = checkTurn(opened.value, turn);
    if (!timely.ok) return timely;
    const step = { verb: 'accept-offer', to: 'ACCEPTED', event: 'trading.offer-accepted' } as const;
    moveTrade(context, opened.value, step);
    return success;
  },
});
