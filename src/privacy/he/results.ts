import { defineResults } from '../../base/result.ts';

/** Refusals of homomorphic-encryption jobs. Append only. */
export const heResults = defineResults({
  HE_SPEC_INVALID: [
    7100,
    422,
    'The job specification is malformed or outside its limits.',
    'Correct the field that the detail names and have the specification approved again.',
  ],
  HE_PARAMS_NOT_PRESET: [
    7101,
    422,
    'The encryption parameters are not those of a preset.',
    'Name a preset of this exchange with its own parms_id; parameters are never taken from a peer.',
  ],
  HE_CKKS_RELEASE_FORBIDDEN: [
    7102,
    422,
    'Approximate (CKKS) results are never released, because they give away the secret key.',
    'Use an exact preset with scaled integers.',
  ],
  HE_COHORT_TOO_SMALL: [
    7103,
    422,
    'A group has fewer rows than the smallest cohort that may be published.',
    'Leave the group out or merge it with another one.',
  ],
  HE_RANGE_OVERFLOW: [
    7104,
    422,
    'A value or a sum of values may leave the range that the preset holds.',
    'Scale the column down or declare a bound that its values keep.',
  ],
  HE_NOISE_MARGIN: [
    7105,
    422,
    'The noise of the ciphertext leaves too little margin, or the key is not the one it was made with.',
    'Use fewer rows in a group or a wider preset, and the key of this job.',
  ],
  HE_COLUMN_MISMATCH: [
    7106,
    422,
    'The column is not the one that the job specification describes.',
    'Give the column with the rows and groups that were approved.',
  ],
  HE_KEY_REUSED: [
    7107,
    409,
    'The key belongs to another job.',
    'Make one key for each job and use it for that job only.',
  ],
  HE_EVAL_KEYS_NOT_ACCEPTED: [
    7108,
    422,
    'A key was uploaded where a ciphertext belongs.',
    'Keep secret keys to yourself; no job needs relinearisation or Galois keys.',
  ],
  HE_CT_LENGTH: [
    7109,
    422,
    'A ciphertext does not have the length of its preset.',
    'Upload uncompressed SEAL 4.1 ciphertexts of the preset that the job names.',
  ],
  HE_CT_HEADER: [
    7110,
    422,
    'The header of a ciphertext is not that of its preset.',
    'Upload uncompressed SEAL 4.1 ciphertexts of the preset that the job names.',
  ],
  HE_CT_RESIDUE: [
    7111,
    422,
    'A coefficient of a ciphertext is not reduced, or the ciphertext is transparent.',
    'Upload the ciphertext as the encryption library wrote it.',
  ],
  HE_MANIFEST_INVALID: [
    7112,
    422,
    'The manifest of the uploaded shards is missing or not canonical for this job.',
    'Run the encryption again to its end and upload every file that it wrote.',
  ],
  HE_DIGEST_MISMATCH: [
    7113,
    409,
    'Bytes do not have the digest that was recorded for them.',
    'Fetch the bytes again, and compare the digest with the one on the ledger.',
  ],
  HE_RELEASE_INVALID: [
    7114,
    422,
    'The release does not follow from the job specification and its output policy.',
    'Ask the seller for the release of this job, with its salt.',
  ],
});
