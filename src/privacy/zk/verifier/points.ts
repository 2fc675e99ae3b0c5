import { bn254 } from '@noble/curves/bn254.js';
import { concat } from '../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../base/result.ts';
import { zkResults } from '../results.ts';
import { baseFieldOrder, integerFromBytes, integerToBytes } from './field.ts';

export type G1Point = ReturnType<typeof bn254.G1.Point.fromAffine>;
export type G2Point = ReturnType<typeof bn254.G2.Point.fromAffine>;

/** x ‖ y, each 32 bytes big-endian. */
export const g1Length = 64;

/**
 * x.c1 ‖ x.c0 ‖ y.c1 ‖ y.c0, each 32 bytes big-endian, for x = x.c0 + x.c1·u: the imaginary part
 * first, as in EIP-197 (snarkjs JSON has the real part first).
 */
export const g2Length = 128;

/**
 * Reads a point of G1 strictly: coordinates below q, on the curve (whose order is prime, so there
 * is no other subgroup), not infinity, which (0, 0) would stand for.
 * @param bytes exactly g1Length
 * @param name the point's name for the refusal, as 'A'
 */
export function parseG1(bytes: Uint8Array, name: string): Outcome<G1Point> {
  const coordinates = parseCoordinates(bytes, name);
  if (!coordinates.ok) return coordinates;
  const [x = 0n, y = 0n] = coordinates.value;
  const { Fp } = bn254.fields;
  if (!Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), 3n))) {
    return refuse(zkResults.ZK_POINT_NOT_ON_CURVE, name);
  }
  return successWith(bn254.G1.Point.fromAffine({ x, y }));
}

/** As parseG1, for the twist, whose cofactor is not 1: the subgroup is checked (0.4 to 2 ms). */
export function parseG2(bytes: Uint8Array, name: string): Outcome<G2Point> {
  const coordinates = parseCoordinates(bytes, name);
  if (!coordinates.ok) return coordinates;
  const [xImaginary = 0n, xReal = 0n, yImaginary = 0n, yReal = 0n] = coordinates.value;
  const { Fp2 } = bn254.fields;
  const x = Fp2.fromBigTuple([xReal, xImaginary]);
  const y = Fp2.fromBigTuple([yReal, yImaginary]);
  const curveB = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
  if (!Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), curveB))) {
    return refuse(zkResults.ZK_POINT_NOT_ON_CURVE, name);
  }
  const point = bn254.G2.Point.fromAffine({ x, y });
  if (!point.isTorsionFree()) return refuse(zkResults.ZK_POINT_NOT_IN_SUBGROUP, name);
  return successWith(point);
}

function parseCoordinates(bytes: Uint8Array, name: string): Outcome<bigint[]> {
  const coordinates: bigint[] = [];
  for (let offset = 0; offset < bytes.length; offset += 32) {
    const coordinate = integerFromBytes(bytes.subarray(offset, offset + 32));
    if (coordinate >= baseFieldOrder) {
      return refuse(zkResults.ZK_COORDINATE_RANGE, `${name}, coordinate at byte ${offset}`);
    }
    coordinates.push(coordinate);
  }
  if (coordinates.every((coordinate) => coordinate === 0n)) {
    return refuse(zkResults.ZK_POINT_AT_INFINITY, name);
  }
  return successWith(coordinates);
}

/** The point at infinity has no encoding: passing it throws. */
export function encodeG1(point: G1Point): Uint8Array {
  point.assertValidity();
  const { x, y } = point.toAffine();
  return concat(integerToBytes(x), integerToBytes(y));
}

/** As encodeG1. */
export function encodeG2(point: G2Point): Uint8Array {
  point.assertValidity();
  const { x, y } = point.toAffine();
  return concat(...[x.c1, x.c0, y.c1, y.c0].map((part) => integerToBytes(part)));
}
