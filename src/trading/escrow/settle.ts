import { success } from '../../base/result.ts';
import { defineOperation, type Ledger } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { tradeCommand, type Trade } from '../schema.ts';
import { moveTrade } from '../state.ts';
import { releaseEscrow } from './release.ts';

/** What the operator does after acceptance, and the deadline where he does not. */
export function settleAccepted(ledger: Ledger, trade: Trade): void {
  const step = { verb: 'settle', to: 'SETTLED', event: 'trading.settled' } as const;
  moveTrade(ledger, releaseEscrow(ledger, trade, 0n), step);
}

export const settle = defineOperation({
  number: 617,
  name: 'trading.settle',
  title: 'Settle an accepted trade',
  command: tradeCommand,
  roles: ['OPERATOR'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, null, 'settle');
    if (!opened.ok) return opened;
    settleAccepted(context, opened.value);
    return success;
  },
});
