import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { checkParty } from './party.ts';
import { jobReasonCommand } from './schema.ts';
import { moveJob, openJob } from './state.ts';

/** Either party withdraws while there is no agreed result; no use of the licence is spent. */
export const cancel = defineOperation({
  number: 727,
  name: 'job.cancel',
  title: 'Withdraw a compute job',
  command: jobReasonCommand,
  roles: ['BUYER', 'SELLER'],
  apply(context, { jobId, reason }) {
    const opened = openJob(context, jobId, 'cancel');
    if (!opened.ok) return opened;
    const party = checkParty(context, [opened.value.buyer, opened.value.seller]);
    if (!party.ok) return party;
    moveJob(context, { ...opened.value, reason }, 'cancel', 'CANCELLED', 'job.cancelled');
    return success;
  },
});
