import { assert } from '../../base/assert.ts';
import type { Deadline } from '../../base/room.ts';
import { jobOverdue, jobRecord, moveJob, readJob } from './state.ts';

/** A job that nobody brought to its end expires; its trade goes by its own deadline. */
export const jobOverdueDeadline: Deadline = {
  name: jobOverdue,
  period: 'computeJob',
  putOff(ledger, id, dueAtMs) {
    const job = readJob(ledger, id);
    assert(job, 'an overdue job is there');
    ledger.write(jobRecord, { ...job, dueAtMs }, 'job.deadline-put-off');
  },
  apply(ledger, id) {
    const job = readJob(ledger, id);
    assert(job, 'an overdue job is there');
    moveJob(ledger, job, 'expire', 'EXPIRED', 'job.expired');
  },
};
