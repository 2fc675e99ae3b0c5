import { refuse, success, type Outcome } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { activateLicence, issueLicence } from '../licence/issue.ts';
import { openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { tradeCommand, type Trade } from '../schema.ts';
import { moveTrade } from '../state.ts';
import { isFree } from '../types.ts';

/** The seller begins; a compute licence becomes active with it, since its delivery is a job. */
export const startDelivery = defineOperation({
  number: 609,
  name: 'trading.start-delivery',
  title: 'Begin the delivery of a funded or free trade',
  command: tradeCommand,
  roles: ['SELLER'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, ['seller'], 'start-delivery');
    if (!opened.ok) return opened;
    const paid = checkPaid(opened.value);
    if (!paid.ok) return paid;
    const trade = licensed(context, opened.value);
    if (trade.purpose === 'COMPUTE') activateLicence(context, trade);
    const event = 'trading.delivery-started';
    moveTrade(context, trade, { verb: 'start-delivery', to: 'DELIVERING', event });
    return success;
  },
});

/** Nothing is delivered before the money is in escrow, where the trade has a price. */
function checkPaid(trade: Trade): Outcome {
  if (trade.funding !== null || isFree(trade)) return success;
  const detail = `Trade ${trade.id} is ${trade.state}; start-delivery needs FUNDED.`;
  return refuse(tradingResults.TRADING_STATE, detail);
}

/** The licence of a free trade is issued here; that of another with its money. */
function licensed(context: Context, trade: Trade): Trade {
  if (trade.licenceId !== null) return trade;
  const free = { ...trade, licenceId: trade.id };
  issueLicence(context, free);
  return free;
}
