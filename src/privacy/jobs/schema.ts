import {
  digest,
  identifier,
  integer,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../../base/schema.ts';

export const jobStates = [
  'AWAITING_APPROVAL',
  'APPROVED',
  'PROVISIONED',
  'VERIFYING',
  'OUTPUT_REVIEW',
  'RELEASED',
  'REJECTED',
  'FAILED',
  'CANCELLED',
  'EXPIRED',
] as const;
export type JobState = (typeof jobStates)[number];

/** Workers that can be asked to agree at most: as the rule pack's bound. */
export const attestationsMax = 7;

/**
 * What of a specification everybody may see. Labels of groups are values of the data and stay off
 * the ledger: the whole specification is bound by its hash, which a reviewer recomputes.
 */
export const jobSpecSchema = record({
  functionId: identifier('Function, as the compute offer names it'),
  presetId: identifier('Encryption parameters, by preset'),
  valueColumn: text(60, 'Column that is encrypted'),
  groupColumn: text(60, 'Column that is grouped by'),
  groups: integer(1, 256, 'Number of groups'),
  rows: integer(1, Number.MAX_SAFE_INTEGER, 'Rows of all groups together'),
  valueBound: integer(1, 1_125_899_906_842_624, 'Largest magnitude, in units of 10^-scale'),
  scale: integer(0, 18, 'Decimal places'),
  cohortMinimum: integer(2, 1_000_000, 'Smallest number of rows in a released group'),
  roundingUnit: integer(1, Number.MAX_SAFE_INTEGER, 'Totals are rounded to multiples of this'),
});
export type JobSpecFacts = Static<typeof jobSpecSchema>;

const inputFacts = {
  root: digest('RFC 6962 root over the encrypted chunks'),
  publicKeyDigest: digest('SHA-256 of the public key made for this job'),
  chunks: integer(1, 1_000_000),
  bytes: integer(1, Number.MAX_SAFE_INTEGER, 'Bytes of all encrypted chunks'),
};

export const jobSchema = record({
  id: identifier(),
  state: oneOf(jobStates),
  tradeId: identifier(),
  licenceId: identifier(),
  buyer: identifier('Organisation'),
  seller: identifier('Organisation'),
  spec: jobSpecSchema,
  specHash: digest('Hash of the whole specification, which holds a nonce'),
  nonceDigest: digest('SHA-256 of the specification’s nonce'),
  reviewer: nullable(identifier('Organisation that approved or rejected the specification')),
  inputs: nullable(record({ ...inputFacts, atMs: timeMs() })),
  attestations: list(
    record({ organisationId: identifier(), resultDigest: digest(), atMs: timeMs() }),
    0,
    attestationsMax,
  ),
  release: nullable(
    record({
      commitment: digest('Salted commitment to the released totals'),
      groups: integer(1, 256),
      atMs: timeMs(),
    }),
  ),
  releasedBy: nullable(identifier('Reviewing organisation')),
  releasedAtMs: nullable(timeMs()),
  reason: nullable(text(400, 'Why it was rejected, cancelled or failed')),
  requestedAtMs: timeMs(),
  changedAtMs: timeMs(),
  dueAtMs: nullable(timeMs('When the job expires')),
});
export type Job = Static<typeof jobSchema>;

/** A digest that serves one job and no second: a specification with its nonce, or a public key. */
export const jobClaimSchema = record({
  id: digest(),
  use: oneOf(['SPECIFICATION', 'NONCE', 'PUBLIC_KEY', 'INPUTS']),
  jobId: identifier(),
  atMs: timeMs(),
});

const onJob = { jobId: identifier() };

export const jobCommand = record(onJob);
export const jobReasonCommand = record({ ...onJob, reason: text(400) });

export const jobRequestCommand = record({
  ...onJob,
  licenceId: identifier('Compute licence; its id is that of its trade'),
  spec: jobSpecSchema,
  specHash: digest(),
  nonceDigest: digest(),
});

export const jobApproveCommand = record({ ...onJob, specHash: digest('What is approved') });

export const commitInputsCommand = record({ ...onJob, ...inputFacts });

export const attestCommand = record({ ...onJob, resultDigest: digest() });

export const proposeReleaseCommand = record({
  ...onJob,
  commitment: digest('Salted commitment to the totals to be released'),
  groups: integer(1, 256, 'Groups in the release'),
});

export const jobReleaseCommand = record({ ...onJob, commitment: digest('What is released') });
