import type { Preset } from './presets.ts';

/** Every job function keeps this many bits between its bound and the noise that breaks decryption. */
export const noiseMarginBits = 10;

/**
 * Whether the sum of `ciphertexts` fresh secret-key encryptions keeps the margin.
 *
 * A coefficient of the sum is Σmᵢ + t·Σeᵢ with 0 ≤ mᵢ < t and eᵢ the difference of two sums of 21
 * fair bits (SEAL's centred binomial). Hoeffding: |Σeᵢ| ≤ 10·√(10.5·ciphertexts) but for 2e^−50;
 * over all n coefficients the bound fails with probability below 2^−58. Decryption is right while
 * the coefficient stays below q/2.
 */
export function hasNoiseMargin(preset: Preset, ciphertexts: number): boolean {
  const count = BigInt(ciphertexts);
  const errorSum = squareRootAbove(1050n * count);
  const modulus = preset.dataModuli.reduce((product, prime) => product * prime, 1n);
  const noise = preset.plainModulus * (count + errorSum);
  return noise << BigInt(noiseMarginBits) <= modulus / 2n;
}

/** Least integer r with r² ≥ square, by Newton's method. */
function squareRootAbove(square: bigint): bigint {
  if (square < 2n) return square;
  let root = square;
  for (let next = (root + 1n) / 2n; next < root; next = (root + square / root) / 2n) root = next;
  return root * root === square ? root : root + 1n;
}
