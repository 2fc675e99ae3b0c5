import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { tradeReasonCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** The operator halts a delivery; its deadline runs on, so the buyer's money is never stuck. */
export const suspendDelivery = defineOperation({
  number: 610,
  name: 'trading.suspend-delivery',
  title: 'Halt a delivery',
  command: tradeReasonCommand,
  roles: ['OPERATOR'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, null, 'suspend-delivery');
    if (!opened.ok) return opened;
    const event = 'trading.delivery-suspended';
    moveTrade(context, opened.value, { verb: 'suspend-delivery', to: 'SUSPENDED', event });
    return success;
  },
});

export const resumeDelivery = defineOperation({
  number: 611,
  name: 'trading.resume-delivery',
  title: 'Let a halted delivery go on',
  command: tradeReasonCommand,
  roles: ['OPERATOR'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, null, 'resume-delivery');
    if (!opened.ok) return opened;
    const event = 'trading.delivery-resumed';
    moveTrade(context, opened.value, { verb: 'resume-delivery', to: 'DELIVERING', event });
    return success;
  },
});
