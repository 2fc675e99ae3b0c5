import { defineResults } from '../base/result.ts';

export const complianceResults = defineResults({
  COMPLIANCE_REVIEW_EXISTS: [
    5000,
    409,
    'A review with this id has been opened before.',
    'Choose another id.',
  ],
  COMPLIANCE_REVIEW_NOT_FOUND: [
    5001,
    404,
    'No review has this id.',
    'List /v1/reviews and correct the id.',
  ],
  COMPLIANCE_LISTING_NOT_FOUND: [
    5002,
    404,
    'No listing has this id.',
    'List /v1/listings and correct the id.',
  ],
  COMPLIANCE_LISTING_STATE: [
    5003,
    409,
    'The listing is not waiting for a review.',
    'Have its seller submit it; a listing has one review at a time.',
  ],
  COMPLIANCE_STATE: [
    5004,
    409,
    'The review is not in a state that allows this.',
    'Read the review and do what its state asks for.',
  ],
  COMPLIANCE_CONFLICT_OF_INTEREST: [
    5005,
    403,
    'The reviewer has an interest in this listing.',
    'Have a reviewer decide who is neither the seller’s, nor its owner’s, nor the opinion’s.',
  ],
  COMPLIANCE_NOT_INDEPENDENT: [
    5006,
    403,
    'The reviewer is not independent of another reviewer of this listing.',
    'Have a reviewer of another organisation and another beneficial owner decide.',
  ],
  COMPLIANCE_COMMITMENT_COPIED: [
    5007,
    409,
    'Another reviewer has made this very commitment.',
    'Decide yourself and commit with a salt of your own.',
  ],
  COMPLIANCE_NOT_COMMITTED: [
    5008,
    403,
    'The organisation has committed to no decision in this review.',
    'Only who has committed reveals.',
  ],
  COMPLIANCE_ALREADY_REVEALED: [
    5009,
    409,
    'The organisation has revealed its decision before.',
    'Nothing is left to do.',
  ],
  COMPLIANCE_COMMITMENT_MISMATCH: [
    5010,
    422,
    'The decision, reason and salt are not what was committed to.',
    'Reveal exactly what was committed: decision, reason and salt.',
  ],
});
