import { defineResults } from '../../base/result.ts';

export const jobResults = defineResults({
  JOB_NOT_FOUND: [7200, 404, 'No job has this id.', 'List /v1/jobs and correct the id.'],
  JOB_EXISTS: [7201, 409, 'A job with this id was requested before.', 'Choose another id.'],
  JOB_NOT_PARTY: [
    7202,
    403,
    'The signer is not the party of this job whose step it is.',
    'Sign with a key of the organisation that the detail names.',
  ],
  JOB_STATE: [
    7203,
    409,
    'The job does not stand where this step begins.',
    'Read the job; the detail names the state it is in and those that the step needs.',
  ],
  JOB_LICENCE_UNFIT: [
    7204,
    403,
    'The licence does not let this be computed now.',
    'Request a job under an ACTIVE licence for computation with a use left.',
  ],
  JOB_SPEC_NOT_LICENSED: [
    7205,
    422,
    'The specification computes something else than the licence allows.',
    'Use the function and the columns of the licence, over no more rows than are registered.',
  ],
  JOB_COHORT_TOO_SMALL: [
    7206,
    422,
    'The smallest cohort is below that of the rule pack, or the rows cannot fill the groups.',
    'Raise cohortMinimum, or leave out or merge small groups.',
  ],
  HE_ALREADY_EXECUTED: [
    7207,
    409,
    'This specification, or its nonce, belongs to a job already.',
    'Make a new specification with a fresh nonce; a specification runs once.',
  ],
  JOB_REVIEWER_RELATED: [
    7208,
    403,
    'The reviewer is related to a party of the job.',
    'Have a reviewer of another organisation and another beneficial owner decide.',
  ],
  JOB_SPEC_HASH_MISMATCH: [
    7209,
    409,
    'The specification hash is not that of this job.',
    'Recompute it from the specification that was sent for review; approve only what matches.',
  ],
  JOB_KEY_REUSED: [
    7210,
    409,
    'The public key or the encrypted input belongs to a job already.',
    'Make one key for each job, and encrypt the input anew.',
  ],
  JOB_WORKER_RELATED: [
    7211,
    403,
    'A party of the job cannot attest its result.',
    'Have workers of organisations that are neither buyer nor seller evaluate.',
  ],
  JOB_WORKER_REPEATED: [
    7212,
    409,
    'This organisation has attested a result of this job before.',
    'A second attestation comes from another organisation.',
  ],
  JOB_RELEASE_NOT_PROPOSED: [
    7213,
    409,
    'The seller has not proposed a release yet.',
    'Wait for the seller’s commitment to the totals.',
  ],
  JOB_RELEASE_MISMATCH: [
    7214,
    422,
    'The release is not the proposed one, or does not have the groups of the specification.',
    'Open the proposed release with its salt, check it, and name the commitment that you computed.',
  ],
  JOB_PARTY_STANDING: [
    7215,
    403,
    'A party of the job is not in good standing.',
    'Wait until the organisation that the detail names is reinstated, or cancel.',
  ],
  JOB_RIGHTS_NOT_ACTIVE: [
    7216,
    409,
    'The registration that the licence rests on is no longer active.',
    'Nothing can be computed on it; the trade’s delivery deadline returns the buyer’s money.',
  ],
  JOB_PRESET_UNKNOWN: [
    7217,
    422,
    'No encryption parameters have this preset’s id.',
    'Name the preset that the detail names.',
  ],
  JOB_BOUNDS_TOO_LARGE: [
    7218,
    422,
    'The values or rows are more than the preset can compute on; every worker would refuse the job.',
    'Lower the bound that the detail names, or ask for fewer rows in more groups.',
  ],
});
