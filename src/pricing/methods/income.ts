import { fen, list, oneOf, record, type Static } from '../../base/schema.ts';
import {
  add,
  divide,
  multiply,
  one,
  parseDecimal,
  rational,
  roundHalfUp,
  squareRootHalfUp,
  zero,
  type Rational,
} from '../rational.ts';
import { decimal, fraction } from './inputs.ts';

export const incomeInputs = record({
  yearlyIncomesFen: list(fen('Income F of one year, fen'), 1, 50),
  share: fraction('Share k of the income that the data earns'),
  discountRate: decimal('Discount rate i of a year'),
  timing: oneOf(['YEAR_END', 'MID_YEAR'], 'When in its year an income arrives'),
});
export type IncomeInputs = Static<typeof incomeInputs>;

/** Σ k·Fₜ/(1+i)ᵗ, by Horner's rule from the last year. */
function presentValue({ yearlyIncomesFen, share, discountRate }: IncomeInputs): Rational {
  const growth = add(one, parseDecimal(discountRate));
  const sum = yearlyIncomesFen.reduceRight(
    (later, incomeFen) => divide(add(rational(incomeFen), later), growth),
    zero,
  );
  return multiply(parseDecimal(share), sum);
}

/**
 * Income method, version 1: P = Σ k·Fₜ/(1+i)ᵗ; mid-year with t − ½ for t, which is √(1+i) times as
 * much: √(P²·(1+i)), so that the irrational number is met once, in the rounding.
 * @returns fen, exact until one rounding half up at the end
 */
export function incomeFen(inputs: IncomeInputs): bigint {
  const value = presentValue(inputs);
  if (inputs.timing === 'YEAR_END') return roundHalfUp(value);
  const growth = add(one, parseDecimal(inputs.discountRate));
  return squareRootHalfUp(multiply(multiply(value, value), growth));
}
