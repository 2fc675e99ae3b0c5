import { assert } from '../base/assert.ts';
import { compareText } from '../base/bytes.ts';
import { add, compare, floor, multiply, one, rational, subtract, zero } from './rational.ts';
import type { Rational } from './rational.ts';

export interface Share {
  readonly partyId: string;
  /** Part of the whole, >= 0. */
  readonly share: Rational;
}

export interface Portion {
  readonly partyId: string;
  readonly amountFen: bigint;
}

/**
 * Revenue split by largest remainder: everybody gets the whole fen of his share, and the fen left
 * over go one each to the largest remainders, ties by party id in byte order.
 * @param amountFen fen, >= 0
 * @param shares at least one; they add up to one, and no party is named twice
 * @returns in the order of `shares`; the portions add up to the amount exactly
 */
export function splitRevenue(amountFen: bigint, shares: readonly Share[]): Portion[] {
  assert(amountFen >= 0n, 'an amount to split is not negative');
  assert(new Set(shares.map(({ partyId }) => partyId)).size === shares.length, 'parties once');
  assert(
    shares.every(({ share }) => compare(share, zero) >= 0),
    'no share is negative',
  );
  const whole = shares.reduce((sum, { share }) => add(sum, share), zero);
  assert(compare(whole, one) === 0, 'the shares add up to one');
  const exact = shares.map(({ partyId, share }) => {
    const amount = multiply(rational(amountFen), share);
    return { partyId, wholeFen: floor(amount), rest: subtract(amount, rational(floor(amount))) };
  });
  const given = exact.reduce((sum, { wholeFen }) => sum + wholeFen, 0n);
  const favoured = new Set(
    [...exact]
      .sort((left, right) => byRemainder(left, right))
      .slice(0, Number(amountFen - given))
      .map(({ partyId }) => partyId),
  );
  return exact.map(({ partyId, wholeFen }) => ({
    partyId,
    amountFen: favoured.has(partyId) ? wholeFen + 1n : wholeFen,
  }));
}

interface Remainder {
  readonly partyId: string;
  readonly rest: Rational;
}

const byRemainder = (left: Remainder, right: Remainder): number =>
  compare(right.rest, left.rest) || compareText(left.partyId, right.partyId);
