import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { tradeReasonCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** Either party withdraws before money is paid in; after the agreement that terminates it. */
export const cancel = defineOperation({
  number: 619,
  name: 'trading.cancel',
  title: 'Withdraw from a trade before it is funded',
  command: tradeReasonCommand,
  roles: ['BUYER', 'SELLER'],
  apply(context, { tradeId, reason }) {
    const opened = openTrade(context, tradeId, ['buyer', 'seller'], 'cancel');
    if (!opened.ok) return opened;
    const trade = opened.value;
    const to = trade.agreement === null ? 'CANCELLED' : 'TERMINATED';
    const { organisationId } = context.actor;
    const ending = { organisationId, reason, atMs: context.timeMs };
    const event = to === 'CANCELLED' ? 'trading.cancelled' : 'trading.terminated';
    moveTrade(context, { ...trade, ending }, { verb: 'cancel', to, event });
    return success;
  },
});
