import { refuse, success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { checkComputable } from './computable.ts';
import { checkReviewer } from './party.ts';
import { jobResults } from './results.ts';
import { jobApproveCommand, jobReasonCommand } from './schema.ts';
import { moveJob, openJob } from './state.ts';

/** A reviewer has checked the whole specification and approves it by its hash. */
export const approve = defineOperation({
  number: 721,
  name: 'job.approve',
  title: 'Approve a compute job',
  command: jobApproveCommand,
  roles: ['REVIEWER'],
  apply(context, { jobId, specHash }) {
    const opened = openJob(context, jobId, 'approve');
    if (!opened.ok) return opened;
    const job = opened.value;
    const unrelated = checkReviewer(context, job);
    if (!unrelated.ok) return unrelated;
    if (specHash !== job.specHash) {
      return refuse(jobResults.JOB_SPEC_HASH_MISMATCH, `Job ${jobId}.`);
    }
    // A job of before the rule was raised is held to it here.
    const computable = checkComputable(context, job.spec);
    if (!computable.ok) return computable;
    const reviewer = context.actor.organisationId;
    moveJob(context, { ...job, reviewer }, 'approve', 'APPROVED', 'job.approved');
    return success;
  },
});

/** A reviewer refuses the specification, or later the output. */
export const reject = defineOperation({
  number: 722,
  name: 'job.reject',
  title: 'Reject a compute job or its output',
  command: jobReasonCommand,
  roles: ['REVIEWER'],
  apply(context, { jobId, reason }) {
    const opened = openJob(context, jobId, 'reject');
    if (!opened.ok) return opened;
    const unrelated = checkReviewer(context, opened.value);
    if (!unrelated.ok) return unrelated;
    const reviewer = context.actor.organisationId;
    const rejected = { ...opened.value, reviewer, reason };
    moveJob(context, rejected, 'reject', 'REJECTED', 'job.rejected');
    return success;
  },
});
