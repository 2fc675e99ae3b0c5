import { bn254 } from '@noble/curves/bn254.js';
import { concat } from '../../../base/bytes.ts';
import { integerToBytes } from './field.ts';
import type { G1Point, G2Point } from './points.ts';
import type { VerificationKeyPoints } from './verification-key.ts';

/**
 * snarkjs's JSON: decimal texts, projective triples with z = 1, real part of Fp2 first. Only for
 * tools and tests; nothing of it ever reaches the chain.
 */
export interface SnarkjsProof {
  readonly protocol: string;
  readonly curve: string;
  readonly pi_a: readonly string[];
  readonly pi_b: readonly (readonly string[])[];
  readonly pi_c: readonly string[];
}

export interface SnarkjsVerificationKey {
  readonly protocol: string;
  readonly curve: string;
  readonly nPublic: number;
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: readonly (readonly string[])[];
  readonly vk_gamma_2: readonly (readonly string[])[];
  readonly vk_delta_2: readonly (readonly string[])[];
  readonly IC: readonly (readonly string[])[];
}

/**
 * Canonical bytes of a proof that snarkjs made. It converts and does not check: hand the bytes to
 * verifyProof. Throws a RangeError where a label is not Groth16 on BN254, a point is not affine
 * (z = 1), or a coordinate is missing, is not canonical decimal or has over 32 bytes.
 */
export function proofFromSnarkjs(proof: SnarkjsProof): Uint8Array {
  if (proof.protocol !== 'groth16' || proof.curve !== 'bn128') {
    throw new RangeError('a snarkjs proof is labelled groth16 and bn128');
  }
  const [xOfB, yOfB, zOfB] = proof.pi_b;
  const z = [proof.pi_a.slice(2), zOfB ?? [], proof.pi_b.slice(3), proof.pi_c.slice(2)];
  if (JSON.stringify(z) !== JSON.stringify([['1'], ['1', '0'], [], ['1']])) {
    throw new RangeError('the points of a snarkjs proof are triples with z = 1');
  }
  return concat(
    ...[proof.pi_a[0], proof.pi_a[1]].map(coordinate),
    ...[xOfB?.[1], xOfB?.[0], yOfB?.[1], yOfB?.[0]].map(coordinate),
    ...[proof.pi_c[0], proof.pi_c[1]].map(coordinate),
  );
}

function coordinate(text: string | undefined): Uint8Array {
  if (text === undefined || !/^(0|[1-9][0-9]{0,77})$/.test(text) || BigInt(text) >> 256n !== 0n) {
    throw new RangeError('a coordinate of a snarkjs proof is a decimal integer below 2^256');
  }
  return integerToBytes(BigInt(text));
}

/** @param bytes 256 bytes, not checked beyond their number */
export function proofToSnarkjs(bytes: Uint8Array): SnarkjsProof {
  if (bytes.length !== 256) throw new RangeError(`a proof has 256 bytes, not ${bytes.length}`);
  const at = (index: number): string => {
    const digits = Array.from(bytes.subarray(32 * index, 32 * index + 32), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    return BigInt(`0x${digits.join('')}`).toString();
  };
  return {
    protocol: 'groth16',
    curve: 'bn128',
    pi_a: [at(0), at(1), '1'],
    pi_b: [
      [at(3), at(2)],
      [at(5), at(4)],
      ['1', '0'],
    ],
    pi_c: [at(6), at(7), '1'],
  };
}

export function verificationKeyToSnarkjs(key: VerificationKeyPoints): SnarkjsVerificationKey {
  return {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: key.ic.length - 1,
    vk_alpha_1: g1ToSnarkjs(key.alpha),
    vk_beta_2: g2ToSnarkjs(key.beta),
    vk_gamma_2: g2ToSnarkjs(key.gamma),
    vk_delta_2: g2ToSnarkjs(key.delta),
    IC: key.ic.map(g1ToSnarkjs),
  };
}

/** Points without any check; pass them to makeVerificationKey after validating each. */
export function verificationKeyFromSnarkjs(key: SnarkjsVerificationKey): VerificationKeyPoints {
  return {
    alpha: g1FromSnarkjs(key.vk_alpha_1),
    beta: g2FromSnarkjs(key.vk_beta_2),
    gamma: g2FromSnarkjs(key.vk_gamma_2),
    delta: g2FromSnarkjs(key.vk_delta_2),
    ic: key.IC.map(g1FromSnarkjs),
  };
}

function g1ToSnarkjs(point: G1Point): string[] {
  const { x, y } = point.toAffine();
  return [x.toString(), y.toString(), '1'];
}

function g2ToSnarkjs(point: G2Point): string[][] {
  const { x, y } = point.toAffine();
  return [
    [x.c0.toString(), x.c1.toString()],
    [y.c0.toString(), y.c1.toString()],
    ['1', '0'],
  ];
}

function g1FromSnarkjs(point: readonly string[]): G1Point {
  return bn254.G1.Point.fromAffine({ x: BigInt(point[0] ?? ''), y: BigInt(point[1] ?? '') });
}

function g2FromSnarkjs(point: readonly (readonly string[])[]): G2Point {
  const { Fp2 } = bn254.fields;
  const pair = (part: readonly string[] | undefined): [bigint, bigint] => [
    BigInt(part?.[0] ?? ''),
    BigInt(part?.[1] ?? ''),
  ];
  return bn254.G2.Point.fromAffine({
    x: Fp2.fromBigTuple(pair(point[0])),
    y: Fp2.fromBigTuple(pair(point[1])),
  });
}
