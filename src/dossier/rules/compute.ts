import {
  attestCommand,
  commitInputsCommand,
  jobApproveCommand,
  jobReasonCommand,
  jobReleaseCommand,
  jobRequestCommand,
  proposeReleaseCommand,
} from '../../privacy/jobs/schema.ts';
import type { Role } from '../../base/roles.ts';
import type { TObject } from '../../base/schema.ts';
import { echoOf } from './echo.ts';
import type { EventRule, OperationRule } from './rule.ts';

const onJob = (
  number: number,
  verb: string,
  roles: readonly Role[],
  command: TObject,
  actor: readonly string[],
  echo: OperationRule['echo'],
): OperationRule => ({
  number,
  name: `job.${verb}`,
  roles,
  command,
  subject: ['job', 'jobId'],
  actor,
  echo,
});

const except = ['jobId'];

export const computeOperations: readonly OperationRule[] = [
  onJob(720, 'request', ['BUYER'], jobRequestCommand, ['buyer'], {
    ...echoOf(jobRequestCommand, { except }),
  }),
  onJob(721, 'approve', ['REVIEWER'], jobApproveCommand, ['reviewer'], { specHash: 'specHash' }),
  onJob(722, 'reject', ['REVIEWER'], jobReasonCommand, ['reviewer'], { reason: 'reason' }),
  onJob(723, 'commit-inputs', ['SELLER'], commitInputsCommand, ['seller'], {
    ...echoOf(commitInputsCommand, { except, path: 'inputs' }),
  }),
  onJob(724, 'attest', ['WORKER'], attestCommand, ['attestations.-1.organisationId'], {
    resultDigest: 'attestations.-1.resultDigest',
  }),
  onJob(725, 'propose-release', ['SELLER'], proposeReleaseCommand, ['seller'], {
    ...echoOf(proposeReleaseCommand, { except, path: 'release' }),
  }),
  onJob(726, 'release', ['REVIEWER'], jobReleaseCommand, ['releasedBy'], {
    commitment: 'release.commitment',
  }),
  onJob(727, 'cancel', ['BUYER', 'SELLER'], jobReasonCommand, ['buyer', 'seller'], {
    reason: 'reason',
  }),
];

const step = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  ...to: readonly string[]
): EventRule => ({ name: `job.${name}`, kind: 'job', by, from, to });

const early = ['AWAITING_APPROVAL', 'APPROVED', 'PROVISIONED', 'VERIFYING'];

export const computeEvents: readonly EventRule[] = [
  step('requested', [720], [], 'AWAITING_APPROVAL'),
  step('approved', [721], ['AWAITING_APPROVAL'], 'APPROVED'),
  step('rejected', [722], ['AWAITING_APPROVAL', 'OUTPUT_REVIEW'], 'REJECTED'),
  step('provisioned', [723], ['APPROVED'], 'PROVISIONED'),
  step('attested', [724], ['PROVISIONED', 'VERIFYING'], 'VERIFYING', 'OUTPUT_REVIEW'),
  step('failed', [724], ['VERIFYING'], 'FAILED'),
  step('release-proposed', [725], ['OUTPUT_REVIEW'], 'OUTPUT_REVIEW'),
  step('released', [726], ['OUTPUT_REVIEW'], 'RELEASED'),
  step('cancelled', [727], early, 'CANCELLED'),
  step('expired', ['deadline'], [...early, 'OUTPUT_REVIEW'], 'EXPIRED'),
  { name: 'job.claimed', kind: 'job-claim', by: [720, 723], from: [], to: [] },
  { name: 'job.deadline-put-off', kind: 'job', by: ['deadline'], from: ['*'], to: ['='] },
];
