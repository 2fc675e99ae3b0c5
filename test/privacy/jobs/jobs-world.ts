/** A compute trade under delivery, and the steps of a job by their proper parties. */
import { expect } from 'chai';
import type { Hex } from '../../../src/base/bytes.ts';
import type { Outcome } from '../../../src/base/result.ts';
import { attest } from '../../../src/privacy/jobs/attest.ts';
import { cancel } from '../../../src/privacy/jobs/cancel.ts';
import { commitInputs } from '../../../src/privacy/jobs/commit-inputs.ts';
import { proposeRelease, release } from '../../../src/privacy/jobs/release.ts';
import { request } from '../../../src/privacy/jobs/request.ts';
import { approve, reject } from '../../../src/privacy/jobs/review.ts';
import type { Job, JobSpecFacts, JobState } from '../../../src/privacy/jobs/schema.ts';
import { jobRecord } from '../../../src/privacy/jobs/state.ts';
import { digestOf } from '../../trading/sample-product.ts';
import {
  brokenInvariants,
  makeWorld,
  play,
  waysTo,
  type World,
} from '../../trading/trading-world.ts';

export const spec: JobSpecFacts = {
  functionId: 'group-sum',
  presetId: 'sum-4k',
  valueColumn: 'Cost',
  groupColumn: 'Phase',
  groups: 8,
  rows: 9_500,
  valueBound: 1_000_000_000,
  scale: 0,
  cohortMinimum: 20,
  roundingUnit: 1,
};

export const inputsOf = (jobId: string) => ({
  root: digestOf(`${jobId} root`),
  publicKeyDigest: digestOf(`${jobId} key`),
  chunks: 8,
  bytes: 263_696,
});

export const requestOf = (jobId: string, licenceId = 'trade-1') => ({
  jobId,
  licenceId,
  spec,
  specHash: digestOf(`${jobId} spec`),
  nonceDigest: digestOf(`${jobId} nonce`),
});

export const releaseOf = (jobId: string): Hex => digestOf(`${jobId} release`);

const steps = {
  request: ({ ledger, actors }: World, jobId: string, tradeId: string) =>
    ledger.apply(request, actors.buyer, requestOf(jobId, tradeId)),
  approve: ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(approve, actors.reviewer, { jobId, specHash: digestOf(`${jobId} spec`) }),
  reject: ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(reject, actors.reviewer, { jobId, reason: 'too narrow' }),
  'commit-inputs': ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(commitInputs, actors.seller, { jobId, ...inputsOf(jobId) }),
  'attest-one': ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(attest, actors.workerOne, { jobId, resultDigest: digestOf(`${jobId} result`) }),
  'attest-two': ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(attest, actors.workerTwo, { jobId, resultDigest: digestOf(`${jobId} result`) }),
  'attest-otherwise': ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(attest, actors.workerTwo, { jobId, resultDigest: digestOf('another result') }),
  'propose-release': ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(proposeRelease, actors.seller, {
      jobId,
      commitment: releaseOf(jobId),
      groups: spec.groups,
    }),
  release: ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(release, actors.reviewer, { jobId, commitment: releaseOf(jobId) }),
  cancel: ({ ledger, actors }: World, jobId: string) =>
    ledger.apply(cancel, actors.buyer, { jobId, reason: 'changed plans' }),
} satisfies Record<string, (world: World, jobId: string, tradeId: string) => Outcome>;

export type JobStep = keyof typeof steps;
export const jobSteps = Object.keys(steps) as JobStep[];

/** One step, accepted or not; the money's invariants hold after it either way. */
export function attemptJob(
  world: World,
  name: JobStep,
  jobId = 'job-1',
  tradeId = 'trade-1',
): Outcome {
  const outcome = steps[name](world, jobId, tradeId);
  expect(brokenInvariants(world), `after ${name}`).to.deep.equal([]);
  return outcome;
}

export function playJob(world: World, names: readonly JobStep[], jobId = 'job-1'): World {
  for (const name of names) {
    const outcome = attemptJob(world, name, jobId);
    const words = outcome.ok ? '' : `${outcome.result.name}: ${outcome.detail}`;
    expect(outcome.ok, `${name}: ${words}`).to.equal(true);
  }
  return world;
}

export const jobOf = ({ ledger }: World, id = 'job-1'): Job => ledger.get(jobRecord, id);

const approved: readonly JobStep[] = ['request', 'approve'];
const provisioned: readonly JobStep[] = [...approved, 'commit-inputs'];
const verifying: readonly JobStep[] = [...provisioned, 'attest-one'];
const outputReview: readonly JobStep[] = [...verifying, 'attest-two', 'propose-release'];

export const waysToJob: Readonly<Record<JobState, readonly JobStep[]>> = {
  AWAITING_APPROVAL: ['request'],
  APPROVED: approved,
  PROVISIONED: provisioned,
  VERIFYING: verifying,
  OUTPUT_REVIEW: outputReview,
  RELEASED: [...outputReview, 'release'],
  REJECTED: ['request', 'reject'],
  FAILED: [...verifying, 'attest-otherwise'],
  CANCELLED: ['request', 'cancel'],
  EXPIRED: ['request'],
};

/** A compute trade whose delivery has begun: its licence is active, its money in escrow. */
export function computeWorld(): World {
  const way = waysTo.DELIVERING.filter((step) => step !== 'request');
  return play(makeWorld(), ['request-compute', ...way]);
}

export function worldAtJob(state: JobState): World {
  const world = playJob(computeWorld(), waysToJob[state]);
  if (state === 'EXPIRED') world.ledger.advanceTo(jobOf(world).dueAtMs ?? 0);
  expect(jobOf(world).state).to.equal(state);
  return world;
}
