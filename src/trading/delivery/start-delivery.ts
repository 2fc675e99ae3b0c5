import { success } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { activateLicence, issueLicence } from '../licence/issue.ts';
import { openTrade } from '../party.ts';
import { tradeCommand, type Trade } from '../schema.ts';
import { findTrade, moveTrade } from '../state.ts';
import { isFree } from '../types.ts';

/** The seller begins; a compute licence becomes active with it, since its delivery is a job. */
export const startDelivery = defineOperation({
  number: 609,
  name: 'trading.start-delivery',
  title: 'Begin the delivery of a funded or free trade',
  command: tradeCommand,
  roles: ['SELLER'],
  apply(context, { tradeId }) {
    const found = findTrade(context, tradeId);
    if (!found.ok) return found;
    // Nothing is delivered before its money is in escrow, where it has a price.
    const verb = isFree(found.value) ? 'start-free-delivery' : 'start-delivery';
    const opened = openTrade(context, tradeId, ['seller'], verb);
    if (!opened.ok) return opened;
    const trade = licensed(context, opened.value);
    if (trade.purpose === 'COMPUTE') activateLicence(context, trade);
    const event = 'trading.delivery-started';
    moveTrade(context, trade, { verb, to: 'DELIVERING', event });
    return success;
  },
});

/** The licence of a free trade is issued here; that of another with its money. */
function licensed(context: Context, trade: Trade): Trade {
  if (trade.licenceId !== null) return trade;
  const free = { ...trade, licenceId: trade.id };
  issueLicence(context, free);
  return free;
}
