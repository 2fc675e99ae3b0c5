import { assert } from './assert.ts';

/** Division rounded half up; both non-negative, divisor positive. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  assert(dividend >= 0n && divisor > 0n, 'divideHalfUp takes 0 <= dividend and 0 < divisor');
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/** `basisPoints` (1/10,000) of an amount in fen, half up. */
export const shareFen = (amountFen: bigint, basisPoints: number): bigint =>
  divideHalfUp(amountFen * BigInt(basisPoints), 10_000n);

/** Splits a VAT-inclusive amount into what is net and what is VAT: net = half up of gross/(1+v). */
export function splitVatInclusive(
  grossFen: bigint,
  vatBasisPoints: number,
): { netFen: bigint; vatFen: bigint } {
  const netFen = divideHalfUp(grossFen * 10_000n, 10_000n + BigInt(vatBasisPoints));
  return { netFen, vatFen: grossFen - netFen };
}
