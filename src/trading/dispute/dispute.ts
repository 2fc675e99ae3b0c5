import { assert } from '../../base/assert.ts';
import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { tradeCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** A party takes a rejection to the operator. */
export const dispute = defineOperation({
  number: 615,
  name: 'trading.dispute',
  title: 'Take a rejected delivery to the operator',
  command: tradeCommand,
  roles: ['BUYER', 'SELLER'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, ['buyer', 'seller'], 'dispute');
    if (!opened.ok) return opened;
    const trade = opened.value;
    assert(trade.dispute, 'a rejected trade has its ground');
    const { organisationId } = context.actor;
    const opening = { ...trade.dispute, openedBy: organisationId, openedAtMs: context.timeMs };
    const step = { verb: 'dispute', to: 'DISPUTED', event: 'trading.disputed' } as const;
    moveTrade(context, { ...trade, dispute: opening }, step);
    return success;
  },
});
