import { defineResults } from '../base/result.ts';

export const pricingResults = defineResults({
  PRICING_METHOD_UNKNOWN: [
    3000,
    422,
    'No valuation method has this name and version.',
    'Use COST, INCOME or MARKET in version 1.',
  ],
  PRICING_INPUTS_INVALID: [
    3001,
    422,
    'The inputs do not fit the schema of the method.',
    'Correct the input that the detail names; decimals are text in their shortest form.',
  ],
  PRICING_RESULT_RANGE: [
    3002,
    422,
    'The result is not an amount that the ledger can hold.',
    'Check the units of the inputs: amounts are fen, rates are fractions of one.',
  ],
  PRICING_MATRIX_INVALID: [
    3003,
    422,
    'The matrix is not one of pairwise comparisons.',
    'Give a square, positive matrix whose mirrored entries multiply to one.',
  ],
  PRICING_MATRIX_INCONSISTENT: [
    3004,
    422,
    'The comparisons contradict each other too much: CR is 0.1 or more.',
    'Revise the comparisons until their consistency ratio is below 0.1.',
  ],
  PRICING_VALUATION_EXISTS: [
    3010,
    409,
    'A valuation with this id has been submitted before.',
    'Choose another id.',
  ],
  PRICING_VALUATION_NOT_FOUND: [
    3011,
    404,
    'No valuation has this id.',
    'List /v1/valuations and correct the id.',
  ],
  PRICING_NOT_PARTY: [
    3012,
    403,
    'Only the appraiser who submitted the valuation may do this.',
    'Have the appraiser sign it.',
  ],
  PRICING_OWN_VALUATION: [
    3013,
    403,
    'An appraiser does not confirm its own valuation.',
    'Have somebody else who is entitled to the inputs re-run it.',
  ],
  PRICING_STATE: [
    3014,
    409,
    'The valuation is not in a state that allows this.',
    'Read the valuation and do what its state asks for.',
  ],
  PRICING_ALREADY_CONFIRMED: [
    3015,
    409,
    'This organisation has stated its own result before.',
    'Nothing is left to do; a statement cannot be changed.',
  ],
  PRICING_NOT_HOLDER: [
    3017,
    403,
    'The valuation does not name this organisation as one that has its inputs.',
    'Ask the appraiser for the inputs, and to submit a valuation that names you.',
  ],
  PRICING_HOLDERS_UNFIT: [
    3018,
    422,
    'Who has the inputs is named twice, or is the appraiser.',
    'Name each other organisation that was given the inputs once.',
  ],
});
