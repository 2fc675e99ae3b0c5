import { defineResults } from '../base/result.ts';

export const listingResults = defineResults({
  LISTING_EXISTS: [
    4000,
    409,
    'A listing with this id has been drafted before.',
    'Choose another id, or edit the listing that there is.',
  ],
  LISTING_NOT_FOUND: [
    4001,
    404,
    'No listing has this id.',
    'List /v1/listings and correct the id.',
  ],
  LISTING_NOT_PARTY: [
    4002,
    403,
    'The listing belongs to another organisation.',
    'Have its seller sign.',
  ],
  LISTING_STATE: [
    4003,
    409,
    'The listing is not in a state that allows this.',
    'Read the listing and do what its state asks for.',
  ],
  LISTING_REGISTRATION_NOT_FOUND: [
    4004,
    404,
    'No rights registration has this id.',
    'List /v1/registrations and correct the id.',
  ],
  LISTING_REGISTRATION_NOT_ACTIVE: [
    4005,
    409,
    'The rights registration is not in force.',
    'Have the registration certified, or rest the listing on another one.',
  ],
  LISTING_RIGHT_MISSING: [
    4006,
    403,
    'The seller does not hold the right to operate this data.',
    'List only data for which your own registration grants OPERATE.',
  ],
  LISTING_COLUMN_REPEATED: [
    4010,
    422,
    'Two columns have one name.',
    'Give each column a name of its own.',
  ],
  LISTING_COLUMN_UNKNOWN: [
    4011,
    422,
    'A column is named that is not among the listing’s columns.',
    'Name columns exactly as the schema of the listing does.',
  ],
  LISTING_VALUE_REPEATED: [
    4012,
    422,
    'A list of distinct values names one twice.',
    'Name each value once.',
  ],
  LISTING_COVERAGE: [
    4013,
    422,
    'The coverage is not a span of real dates.',
    'Give two dates of the calendar, the earlier one first.',
  ],
  LISTING_PRICE: [
    4014,
    422,
    'The amount does not fit the price model or the rule pack.',
    'FREE costs nothing, every other model something; the rule pack names the highest price.',
  ],
  LISTING_COMPUTE_OFFER: [
    4015,
    422,
    'The compute offer does not fit the listing.',
    'Offer COMPUTE among the delivery modes and sum a column of numbers, or offer neither.',
  ],
  LISTING_PERSONAL_INFORMATION: [
    4016,
    422,
    'The statements on personal information contradict each other.',
    'Without personal information nothing of it is sensitive, and nobody is counted.',
  ],
  LISTING_LEVEL_UNTRADABLE: [
    4020,
    403,
    'Data of this level is not traded here.',
    'Core data is never traded; important data needs an approval that this exchange cannot take.',
  ],
  LISTING_LEGAL_OPINION_MISSING: [
    4021,
    409,
    'The rule pack asks for a legal opinion that is valid now.',
    'Edit the listing and add one.',
  ],
  LISTING_SAMPLE_POLICY: [
    4022,
    422,
    'The sample is not what the rule pack asks for.',
    'Use the circuit and the number of rows that the rule pack names.',
  ],
  LISTING_QUASI_IDENTIFIER_MISSING: [
    4023,
    422,
    'A quasi-identifier of the rule pack is not tagged, or the sample does not name it.',
    'Tag it QUASI_IDENTIFIER and name such columns first, in the order of the rule pack.',
  ],
  LISTING_FORBIDDEN_MEANING: [
    4024,
    422,
    'A column that points at a person directly is not tagged so, or stands in the sample.',
    'Tag it DIRECT_IDENTIFIER and leave it out of the sample.',
  ],
  LISTING_SAMPLE_UNPROVED: [
    4025,
    409,
    'The sample of this revision has no verified proof of k-anonymity.',
    'Make the proof for this listing and revision, and send it by `listing.prove-sample`.',
  ],
});
