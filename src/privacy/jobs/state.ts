import { assert } from '../../base/assert.ts';
import { refuse, success, successWith, type Outcome } from '../../base/result.ts';
import { defineRecord, type Ledger } from '../../base/room.ts';
import { jobResults } from './results.ts';
import { jobClaimSchema, jobSchema, type Job, type JobState } from './schema.ts';
import { jobStatesWith, jobTransitions, type JobVerb } from './transitions.ts';

export const jobRecord = defineRecord({
  name: 'job',
  collection: 'jobs',
  title: 'Compute job',
  schema: jobSchema,
  stream: 'material',
});

export const jobClaimRecord = defineRecord({
  name: 'job-claim',
  collection: 'job-claims',
  title: 'Digest that serves one compute job',
  schema: jobClaimSchema,
  stream: 'material',
});

export const jobOverdue = 'job.overdue';

export const readJob = (ledger: Ledger, id: string): Job | null => ledger.read(jobRecord, id);

/** Refuses with JOB_NOT_FOUND, or JOB_STATE where the table has no such step or the job is overdue. */
export function openJob(ledger: Ledger, id: string, verb: JobVerb): Outcome<Job> {
  const job = readJob(ledger, id);
  if (!job) return refuse(jobResults.JOB_NOT_FOUND, `Job ${id}.`);
  if (!jobTransitions[job.state][verb]) {
    return refuse(
      jobResults.JOB_STATE,
      `Job ${id} is ${job.state}; ${verb} needs ${jobStatesWith(verb)}.`,
    );
  }
  const { dueAtMs } = job;
  if (dueAtMs === null || ledger.timeMs < dueAtMs) return successWith(job);
  return refuse(jobResults.JOB_STATE, `Job ${id} ended at ${dueAtMs} ms; the ledger closes it.`);
}

/** Writes a job in its next state; one that has ended has no deadline. The verb is checked. */
export function moveJob(
  ledger: Ledger,
  job: Job,
  verb: JobVerb,
  to: JobState,
  event: string,
): void {
  assert(jobTransitions[job.state][verb]?.includes(to), `${job.state} ${verb} leads to ${to}`);
  const over = Object.keys(jobTransitions[to]).length === 0;
  if (over) ledger.unschedule(jobOverdue, job.id);
  const dueAtMs = over ? null : job.dueAtMs;
  ledger.write(jobRecord, { ...job, state: to, dueAtMs, changedAtMs: ledger.timeMs }, event);
}

type ClaimUse = 'SPECIFICATION' | 'NONCE' | 'PUBLIC_KEY' | 'INPUTS';

/** Whether a digest serves no job yet. */
export function checkUnclaimed(
  ledger: Ledger,
  digest: string,
  result: typeof jobResults.HE_ALREADY_EXECUTED,
): Outcome {
  const claim = ledger.read(jobClaimRecord, digest);
  return claim ? refuse(result, `${digest} belongs to job ${claim.jobId}.`) : success;
}

export function claim(ledger: Ledger, digest: string, use: ClaimUse, jobId: string): void {
  ledger.write(jobClaimRecord, { id: digest, use, jobId, atMs: ledger.timeMs }, 'job.claimed');
}
