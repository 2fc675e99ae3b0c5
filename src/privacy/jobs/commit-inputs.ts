import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { findTrade } from '../../trading/state.ts';
import { checkParty, findRights } from './party.ts';
import { jobResults } from './results.ts';
import { commitInputsCommand } from './schema.ts';
import { checkUnclaimed, claim, moveJob, openJob } from './state.ts';

/** The seller commits to the encrypted column and to the key made for this one job. */
export const commitInputs = defineOperation({
  number: 723,
  name: 'job.commit-inputs',
  title: 'Commit the encrypted inputs of a compute job',
  command: commitInputsCommand,
  roles: ['SELLER'],
  apply(context, { jobId, ...facts }) {
    const opened = openJob(context, jobId, 'commit-inputs');
    if (!opened.ok) return opened;
    const job = opened.value;
    const party = checkParty(context, [job.seller]);
    if (!party.ok) return party;
    const trade = findTrade(context, job.tradeId);
    if (!trade.ok) return trade;
    const rights = findRights(context, trade.value);
    if (!rights.ok) return rights;
    for (const digest of [facts.publicKeyDigest, facts.root]) {
      const fresh = checkUnclaimed(context, digest, jobResults.JOB_KEY_REUSED);
      if (!fresh.ok) return fresh;
    }
    claim(context, facts.publicKeyDigest, 'PUBLIC_KEY', jobId);
    claim(context, facts.root, 'INPUTS', jobId);
    const inputs = { ...facts, atMs: context.timeMs };
    moveJob(context, { ...job, inputs }, 'commit-inputs', 'PROVISIONED', 'job.provisioned');
    return success;
  },
});
