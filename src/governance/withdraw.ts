import { success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { proposalReasonCommand } from './schema.ts';
import { moveProposal, openProposal } from './state.ts';

export const withdraw = defineOperation({
  number: 803,
  name: 'governance.withdraw',
  title: 'Withdraw a proposal that is not decided',
  command: proposalReasonCommand,
  roles: ['OPERATOR'],
  apply(context, { proposalId, reason }) {
    const opened = openProposal(context, proposalId, 'withdraw');
    if (!opened.ok) return opened;
    const withdrawn = { ...opened.value, refusal: reason };
    moveProposal(context, withdrawn, 'withdraw', 'WITHDRAWN', 'governance.withdrawn');
    return success;
  },
});
