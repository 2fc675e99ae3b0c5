import { refuse, success } from '../../base/result.ts';
import { defineOperation, type Ledger } from '../../base/room.ts';
import { areRelated } from '../../identity/state.ts';
import { jobResults } from './results.ts';
import { attestCommand, type Job } from './schema.ts';
import { moveJob, openJob } from './state.ts';

/**
 * A worker states the digest of what it evaluated. Evaluation is deterministic: as many different
 * unrelated organisations as the rule pack asks for must state the same, and the first that differs ends it.
 */
export const attest = defineOperation({
  number: 724,
  name: 'job.attest',
  title: 'Attest the result of a compute job',
  command: attestCommand,
  roles: ['WORKER'],
  apply(context, { jobId, resultDigest }) {
    const opened = openJob(context, jobId, 'attest');
    if (!opened.ok) return opened;
    const job = opened.value;
    const { organisationId } = context.actor;
    const related = (other: string): boolean => areRelated(context, organisationId, other);
    if (related(job.buyer) || related(job.seller)) {
      return refuse(jobResults.JOB_WORKER_RELATED, `${organisationId} in job ${jobId}.`);
    }
    const repeated = job.attestations.find((earlier) => related(earlier.organisationId));
    if (repeated) {
      const detail = `${organisationId} of ${repeated.organisationId} in job ${jobId}.`;
      return refuse(jobResults.JOB_WORKER_REPEATED, detail);
    }
    const attestation = { organisationId, resultDigest, atMs: context.timeMs };
    recordAttestations(context, { ...job, attestations: [...job.attestations, attestation] });
    return success;
  },
});

function recordAttestations(ledger: Ledger, job: Job): void {
  const digests = new Set(job.attestations.map(({ resultDigest }) => resultDigest));
  if (digests.size > 1) {
    const failed = { ...job, reason: 'Two workers came to different results.' };
    moveJob(ledger, failed, 'attest', 'FAILED', 'job.failed');
    return;
  }
  const enough = job.attestations.length >= ledger.rules.compute.workersRequired;
  moveJob(ledger, job, 'attest', enough ? 'OUTPUT_REVIEW' : 'VERIFYING', 'job.attested');
}
