import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { activateLicence } from '../licence/issue.ts';
import { openTrade } from '../party.ts';
import { tradeCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** The seller begins; a compute licence becomes active with it, since its delivery is a job. */
export const startDelivery = defineOperation({
  number: 609,
  name: 'trading.start-delivery',
  title: 'Begin the delivery of a funded trade',
  command: tradeCommand,
  roles: ['SELLER'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, ['seller'], 'start-delivery');
    if (!opened.ok) return opened;
    const trade = opened.value;
    if (trade.purpose === 'COMPUTE') activateLicence(context, trade);
    const event = 'trading.delivery-started';
    moveTrade(context, trade, { verb: 'start-delivery', to: 'DELIVERING', event });
    return success;
  },
});
