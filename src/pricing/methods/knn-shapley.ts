import { assert } from '../../base/assert.ts';
import { add, rational, zero, type Rational } from '../rational.ts';

/**
 * Shapley values of training rows for one test row of a K-nearest-neighbour classifier, exact in
 * one pass from the farthest row (Jia et al., VLDB 2019, theorem 1):
 * s_N = 1[y_N]·min(K,N)/(NK); sᵢ = sᵢ₊₁ + (1[yᵢ] − 1[yᵢ₊₁])/K · min(K,i)/i.
 * @param matches whether each row has the test row's label, nearest first; at least one row
 * @param neighbours K >= 1
 * @returns one value per row, nearest first
 */
export function knnShapley(matches: readonly boolean[], neighbours: number): Rational[] {
  const rows = matches.length;
  assert(rows >= 1 && neighbours >= 1, 'at least one row and one neighbour');
  const hit = (index: number): bigint => (matches[index] === true ? 1n : 0n);
  const scaled = (amount: bigint, position: number): Rational =>
    rational(amount * BigInt(Math.min(neighbours, position)), BigInt(neighbours * position));
  const values: Rational[] = [];
  let value = zero;
  for (let index = rows - 1; index >= 0; index -= 1) {
    const gain = index === rows - 1 ? hit(index) : hit(index) - hit(index + 1);
    value = add(value, scaled(gain, index + 1));
    values.push(value);
  }
  return values.reverse();
}
