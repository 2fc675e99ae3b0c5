import { assert } from '../../../base/assert.ts';

/** q of BN254: coordinates of curve points are integers modulo q (EIP-196). */
export const baseFieldOrder =
  21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** r of BN254: signals, witnesses and exponents are integers modulo r (EIP-196). */
export const scalarFieldOrder =
  21888242871839275222246405745257275088548364400416034343698204186575808495617n;

export const fieldElementLength = 32;

/** Unsigned big-endian integer of any length; the empty input is 0. */
export function integerFromBytes(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Exactly `length` big-endian bytes. A value that does not fit is a bug of the caller. */
export function integerToBytes(value: bigint, length: number = fieldElementLength): Uint8Array {
  assert(value >= 0n && value >> BigInt(8 * length) === 0n, `integer fits ${length} bytes`);
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The first 31 bytes of a digest as an integer: below 2^248, hence below r without a reduction. */
export const integerFromDigest = (digest: Uint8Array): bigint =>
  integerFromBytes(digest.subarray(0, 31));

/** value⁻¹ modulo a prime, by the extended Euclidean algorithm. Zero has no inverse: a bug. */
export function invertModulo(value: bigint, prime: bigint): bigint {
  let [remainder, next] = [prime, ((value % prime) + prime) % prime];
  let [coefficient, nextCoefficient] = [0n, 1n];
  assert(next !== 0n, 'zero has no inverse');
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, nextCoefficient] = [nextCoefficient, coefficient - quotient * nextCoefficient];
  }
  return ((coefficient % prime) + prime) % prime;
}
