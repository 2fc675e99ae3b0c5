import { refuse, success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import {
  checkComputation,
  completeComputation,
  findLicence,
  findTrade,
  spendUses,
} from '../../trading/state.ts';
import { checkParty, checkReviewer, findRights } from './party.ts';
import { jobResults } from './results.ts';
import { jobReleaseCommand, proposeReleaseCommand } from './schema.ts';
import { moveJob, openJob } from './state.ts';

/** The seller has decrypted the sums and commits to what it would release. */
export const proposeRelease = defineOperation({
  number: 725,
  name: 'job.propose-release',
  title: 'Propose the release of a compute job’s output',
  command: proposeReleaseCommand,
  roles: ['SELLER'],
  apply(context, { jobId, commitment, groups }) {
    const opened = openJob(context, jobId, 'propose-release');
    if (!opened.ok) return opened;
    const job = opened.value;
    const party = checkParty(context, [job.seller]);
    if (!party.ok) return party;
    if (groups !== job.spec.groups) {
      const detail = `Job ${jobId} has ${job.spec.groups} groups, the release ${groups}.`;
      return refuse(jobResults.JOB_RELEASE_MISMATCH, detail);
    }
    const proposed = { ...job, release: { commitment, groups, atMs: context.timeMs } };
    const event = 'job.release-proposed';
    moveJob(context, proposed, 'propose-release', 'OUTPUT_REVIEW', event);
    return success;
  },
});

/**
 * A reviewer has checked the output and restates its commitment: that spends one use of the
 * licence and, where it is the trade's first job, delivers the trade.
 */
export const release = defineOperation({
  number: 726,
  name: 'job.release',
  title: 'Release the output of a compute job',
  command: jobReleaseCommand,
  roles: ['REVIEWER'],
  apply(context, { jobId, commitment }) {
    const opened = openJob(context, jobId, 'release');
    if (!opened.ok) return opened;
    const job = opened.value;
    const unrelated = checkReviewer(context, job);
    if (!unrelated.ok) return unrelated;
    if (job.release === null) {
      return refuse(jobResults.JOB_RELEASE_NOT_PROPOSED, `Job ${jobId}.`);
    }
    if (job.release.commitment !== commitment) {
      return refuse(jobResults.JOB_RELEASE_MISMATCH, `Job ${jobId}: another commitment.`);
    }
    const trade = findTrade(context, job.tradeId);
    if (!trade.ok) return trade;
    const deliverable = checkComputation(context, trade.value);
    if (!deliverable.ok) return deliverable;
    const rights = findRights(context, trade.value);
    if (!rights.ok) return rights;
    const licence = findLicence(context, job.licenceId);
    if (!licence.ok) return licence;
    const spent = spendUses(context, licence.value, 1);
    if (!spent.ok) return spent;
    completeComputation(context, trade.value, jobId, commitment);
    const releasedBy = context.actor.organisationId;
    const released = { ...job, releasedBy, releasedAtMs: context.timeMs };
    moveJob(context, released, 'release', 'RELEASED', 'job.released');
    return success;
  },
});
