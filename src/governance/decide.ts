import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import { defineOperation, type Context } from '../base/room.ts';
import { areRelated } from '../identity/state.ts';
import { adopt, checkAdoptable } from './adopt.ts';
import { governanceResults } from './results.ts';
import { proposalCommand, proposalReasonCommand, type Proposal } from './schema.ts';
import { hasRegulator, moveProposal, openProposal, takeSeatFor } from './state.ts';

/** The open proposal, where a regulator who is not of the proposer's house decides on it. */
function openForRegulator(
  context: Context,
  id: string,
  verb: 'approve' | 'reject',
): Outcome<Proposal> {
  const opened = openProposal(context, id, verb);
  if (!opened.ok) return opened;
  const { organisationId } = context.actor;
  const { proposedBy } = opened.value;
  return areRelated(context, organisationId, proposedBy)
    ? refuse(governanceResults.GOVERNOR_RELATED, `${organisationId} and ${proposedBy}.`)
    : successWith(opened.value);
}

/** A regulator that decides shows that the chain has one. */
function takeSeat(context: Context): void {
  if (!hasRegulator(context)) takeSeatFor(context, context.actor.organisationId);
}

export const approve = defineOperation({
  number: 801,
  name: 'governance.approve',
  title: 'Approve a proposal to change a rule of the chain',
  command: proposalCommand,
  roles: ['REGULATOR'],
  apply(context, { proposalId }) {
    const opened = openForRegulator(context, proposalId, 'approve');
    if (!opened.ok) return opened;
    const proposal = opened.value;
    const adoptable = checkAdoptable(context, proposal);
    if (!adoptable.ok) return adoptable;
    takeSeat(context);
    const { organisationId } = context.actor;
    const approvals = [...proposal.approvals, { organisationId, atMs: context.timeMs }];
    adopt(context, { ...proposal, approvals }, 'approve', 'APPROVAL');
    return success;
  },
});

export const reject = defineOperation({
  number: 802,
  name: 'governance.reject',
  title: 'Reject a proposal to change a rule of the chain',
  command: proposalReasonCommand,
  roles: ['REGULATOR'],
  apply(context, { proposalId, reason }) {
    const opened = openForRegulator(context, proposalId, 'reject');
    if (!opened.ok) return opened;
    takeSeat(context);
    const rejected = { ...opened.value, refusal: reason };
    moveProposal(context, rejected, 'reject', 'REJECTED', 'governance.rejected');
    return success;
  },
});
