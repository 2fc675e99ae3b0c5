import type { JobState } from './schema.ts';

/** Steps of a job; `expire` is its deadline's. */
export const jobVerbs = [
  'approve',
  'reject',
  'commit-inputs',
  'attest',
  'propose-release',
  'release',
  'cancel',
  'expire',
] as const;
export type JobVerb = (typeof jobVerbs)[number];

type Steps = Readonly<Partial<Record<JobVerb, readonly JobState[]>>>;

/** Workers that agree lead to the review of the output, the first that differs to FAILED. */
export const jobTransitions: Readonly<Record<JobState, Steps>> = {
  AWAITING_APPROVAL: {
    approve: ['APPROVED'],
    reject: ['REJECTED'],
    cancel: ['CANCELLED'],
    expire: ['EXPIRED'],
  },
  APPROVED: {
    'commit-inputs': ['PROVISIONED'],
    cancel: ['CANCELLED'],
    expire: ['EXPIRED'],
  },
  PROVISIONED: { attest: ['VERIFYING'], cancel: ['CANCELLED'], expire: ['EXPIRED'] },
  VERIFYING: {
    attest: ['VERIFYING', 'OUTPUT_REVIEW', 'FAILED'],
    cancel: ['CANCELLED'],
    expire: ['EXPIRED'],
  },
  OUTPUT_REVIEW: {
    'propose-release': ['OUTPUT_REVIEW'],
    release: ['RELEASED'],
    reject: ['REJECTED'],
    expire: ['EXPIRED'],
  },
  RELEASED: {},
  REJECTED: {},
  FAILED: {},
  CANCELLED: {},
  EXPIRED: {},
};

/** States from which `verb` may be taken, for the words of a refusal. */
export const jobStatesWith = (verb: JobVerb): string =>
  Object.entries(jobTransitions)
    .filter(([, steps]) => verb in steps)
    .map(([state]) => state)
    .join(' or ');
