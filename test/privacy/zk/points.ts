import { bn254 } from '@noble/curves/bn254.js';
import type { G1Point, G2Point } from '../../../src/privacy/zk/verifier/points.ts';

export const g1 = (scalar: bigint): G1Point => bn254.G1.Point.BASE.multiplyUnsafe(scalar);
export const g2 = (scalar: bigint): G2Point => bn254.G2.Point.BASE.multiplyUnsafe(scalar);

/** A point of the twist outside the subgroup of order r: the first with a small real abscissa. */
export function outsideSubgroup(): G2Point {
  const { Fp2 } = bn254.fields;
  const curveB = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
  for (let abscissa = 1n; ; abscissa += 1n) {
    const x = Fp2.fromBigTuple([abscissa, 0n]);
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), curveB);
    try {
      return bn254.G2.Point.fromAffine({ x, y: Fp2.sqrt(square) });
    } catch {
      // Not a square: no point has this abscissa.
    }
  }
}

/** The 32 bytes of coordinate `index` of a proof replaced by `value`. */
export function withCoordinate(proof: Uint8Array, index: number, value: bigint): Uint8Array {
  const changed = proof.slice();
  for (let byte = 0; byte < 32; byte += 1) {
    changed[32 * index + 31 - byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
  }
  return changed;
}

export const coordinateOf = (proof: Uint8Array, index: number): bigint =>
  proof
    .subarray(32 * index, 32 * index + 32)
    .reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
