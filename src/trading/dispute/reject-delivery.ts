import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { rejectDeliveryCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** The buyer rejects a delivery on a ground; unanswered, its money goes back by the deadline. */
export const rejectDelivery = defineOperation({
  number: 614,
  name: 'trading.reject-delivery',
  title: 'Reject the delivery',
  command: rejectDeliveryCommand,
  roles: ['BUYER'],
  apply(context, { tradeId, ground, evidenceCommitment }) {
    const opened = openTrade(context, tradeId, ['buyer'], 'reject-delivery');
    if (!opened.ok) return opened;
    const dispute = {
      ground,
      evidenceCommitment,
      rejectedAtMs: context.timeMs,
      openedBy: null,
      openedAtMs: null,
      ruling: null,
    };
    const step = { verb: 'reject-delivery', to: 'REJECTED', event: 'trading.rejected' } as const;
    moveTrade(context, { ...opened.value, dispute }, step);
    return success;
  },
});
