import { curves } from 'snarkjs';
import { toHex, type Hex } from '../../../base/bytes.ts';
import { invertModulo, scalarFieldOrder as r } from '../verifier/field.ts';
import { developmentTrapdoor, type Trapdoor } from '../verifier/development-key.ts';
import { g1Length, g2Length } from '../verifier/points.ts';
import { keyFormat, type VerificationKeyJson } from '../verifier/verification-key.ts';
import { readLittleEndian } from './binary-sections.ts';
import { FixedBase } from './fixed-base.ts';
import { programAtTau, type ProgramAtTau } from './quadratic-program.ts';
import { readR1cs, type R1cs } from './r1cs.ts';
import { encodeZkey, type ZkeyPoints } from './zkey.ts';
import { baseFieldOrder as q } from '../verifier/field.ts';
import { integerToBytes } from '../verifier/field.ts';

export interface DevelopmentKeys {
  readonly zkey: Uint8Array;
  readonly verificationKey: VerificationKeyJson;
}

/**
 * Groth16 setup with secrets that anybody can derive (see developmentTrapdoor): the same proving
 * and verification key on every machine, without a powers-of-tau file. A proof under it convinces
 * nobody. Synchronous for seconds: run it in a process of its own.
 * @param onFraction progress, 0 to 1
 */
export async function developmentSetup(
  r1csFile: Uint8Array,
  r1csHash: Hex,
  onFraction: (fraction: number) => void,
): Promise<DevelopmentKeys> {
  const curve = await curves.getCurveFromName('bn128', { singleThread: true });
  const r1cs = readR1cs(r1csFile);
  const trapdoor = developmentTrapdoor(r1csHash);
  const program = programAtTau(r1cs, trapdoor.tau, (logarithm) =>
    curve.Fr.toObject(curve.Fr.w[logarithm] as Uint8Array),
  );
  onFraction(0.15);
  const g1 = new FixedBase(curve, 'G1');
  const g2 = new FixedBase(curve, 'G2');
  const points = computePoints(g1, g2, r1cs, program, trapdoor, onFraction);
  return {
    zkey: encodeZkey(r1cs, program.domainSize, points),
    verificationKey: keyOf(points),
  };
}

function computePoints(
  g1: FixedBase,
  g2: FixedBase,
  r1cs: R1cs,
  program: ProgramAtTau,
  trapdoor: Trapdoor,
  onFraction: (fraction: number) => void,
): ZkeyPoints {
  const { alpha, beta, gamma, delta } = trapdoor;
  const { a, b, c } = program;
  const byGamma = invertModulo(gamma, r);
  const byDelta = invertModulo(delta, r);
  const combined = a.map(
    (value, signal) => (beta * value + alpha * (b[signal] as bigint) + (c[signal] as bigint)) % r,
  );
  const publicEnd = r1cs.publicCount + 1;
  const scale = (values: readonly bigint[], factor: bigint): bigint[] =>
    values.map((value) => (value * factor) % r);
  const pointsB2 = g2.multiply(b);
  onFraction(0.45);
  const pointsA = g1.multiply(a);
  const pointsB1 = g1.multiply(b);
  onFraction(0.65);
  const pointsC = g1.multiply(scale(combined.slice(publicEnd), byDelta));
  onFraction(0.8);
  const pointsH = g1.multiply(scale(program.odd, byDelta));
  onFraction(0.95);
  return {
    alpha1: g1.multiply([alpha]),
    beta1: g1.multiply([beta]),
    beta2: g2.multiply([beta]),
    gamma2: g2.multiply([gamma]),
    delta1: g1.multiply([delta]),
    delta2: g2.multiply([delta]),
    ic: g1.multiply(scale(combined.slice(0, publicEnd), byGamma)),
    a: pointsA,
    b1: pointsB1,
    b2: pointsB2,
    c: pointsC,
    h: pointsH,
  };
}

function keyOf(points: ZkeyPoints): VerificationKeyJson {
  const ic: Hex[] = [];
  for (let offset = 0; offset < points.ic.length; offset += g1Length) {
    ic.push(canonicalHex(points.ic.subarray(offset, offset + g1Length), [0, 1]));
  }
  const second = [1, 0, 3, 2];
  return {
    format: keyFormat,
    alpha: canonicalHex(points.alpha1, [0, 1]),
    beta: canonicalHex(points.beta2.subarray(0, g2Length), second),
    gamma: canonicalHex(points.gamma2, second),
    delta: canonicalHex(points.delta2, second),
    ic,
  };
}

/** Of a point in Montgomery form, little-endian: its coordinates big-endian, in the order given. */
function canonicalHex(point: Uint8Array, order: readonly number[]): Hex {
  const view = new DataView(point.buffer, point.byteOffset, point.byteLength);
  const fromMontgomery = invertModulo(1n << 256n, q);
  const coordinates = order.map((index) =>
    toHex(integerToBytes((readLittleEndian(view, 32 * index) * fromMontgomery) % q)),
  );
  return coordinates.join('');
}
