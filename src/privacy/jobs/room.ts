import type { Room } from '../../base/room.ts';
import { attest } from './attest.ts';
import { cancel } from './cancel.ts';
import { commitInputs } from './commit-inputs.ts';
import { jobOverdueDeadline } from './overdue.ts';
import { proposeRelease, release } from './release.ts';
import { request } from './request.ts';
import { jobResults } from './results.ts';
import { approve, reject } from './review.ts';
import { jobClaimRecord, jobRecord } from './state.ts';

export const jobsRoom: Room = {
  name: 'privacy/jobs',
  records: [jobRecord, jobClaimRecord],
  operations: [request, approve, reject, commitInputs, attest, proposeRelease, release, cancel],
  deadlines: [jobOverdueDeadline],
  results: jobResults,
};
