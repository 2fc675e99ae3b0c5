import { assert } from '../base/assert.ts';

/** An exact fraction in lowest terms; the denominator is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [larger, smaller] = [magnitude(left), magnitude(right)];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** `numerator / denominator` in lowest terms. A denominator of zero is a bug of the caller. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  assert(denominator !== 0n, 'a fraction has a denominator other than zero');
  const common = greatestCommonDivisor(numerator, denominator);
  const sign = denominator < 0n ? -1n : 1n;
  return { numerator: (sign * numerator) / common, denominator: (sign * denominator) / common };
}

export const zero = rational(0n);
export const one = rational(1n);

export const add = (left: Rational, right: Rational): Rational =>
  rational(
    left.numerator * right.denominator + right.numerator * left.denominator,
    left.denominator * right.denominator,
  );

export const subtract = (left: Rational, right: Rational): Rational =>
  add(left, { ...right, numerator: -right.numerator });

export const multiply = (left: Rational, right: Rational): Rational =>
  rational(left.numerator * right.numerator, left.denominator * right.denominator);

/** A divisor of zero is a bug of the caller. */
export const divide = (left: Rational, right: Rational): Rational =>
  rational(left.numerator * right.denominator, left.denominator * right.numerator);

export const product = (factors: readonly Rational[]): Rational => factors.reduce(multiply, one);

/** Negative, zero or positive, as a comparator returns it. */
export function compare(left: Rational, right: Rational): number {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Greatest integer not above the fraction. */
export function floor({ numerator, denominator }: Rational): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** Nearest integer; halves go up, towards plus infinity. */
export const roundHalfUp = (value: Rational): bigint => floor(add(value, rational(1n, 2n)));

/** Decimal text as `decimal()` of schema.ts admits it, exactly. */
export function parseDecimal(decimal: string): Rational {
  const [whole = '', fraction = ''] = decimal.split('.');
  return rational(BigInt(whole + fraction), 10n ** BigInt(fraction.length));
}

/** Greatest integer whose square is not above `value` (>= 0), by Newton's iteration. */
export function integerSquareRoot(value: bigint): bigint {
  assert(value >= 0n, 'a square is not negative');
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Square root of a fraction >= 0, rounded half up to an integer, without any error on the way. */
export const squareRootHalfUp = (value: Rational): bigint =>
  (integerSquareRoot(floor(multiply(value, rational(4n)))) + 1n) / 2n;
