import { concat } from '../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../base/result.ts';
import { zkResults } from '../results.ts';
import { fieldElementLength, integerFromBytes, integerToBytes, scalarFieldOrder } from './field.ts';
import { encodeG1, encodeG2, parseG1, parseG2, type G1Point, type G2Point } from './points.ts';

/** A Groth16 proof (eprint 2016/260): A and C in G1, B in G2. */
export interface Proof {
  readonly a: G1Point;
  readonly b: G2Point;
  readonly c: G1Point;
}

/** A ‖ B ‖ C. */
export const proofLength = 256;

/** The only accepted form of a proof; every proof has one encoding and every other is refused. */
export function parseProof(bytes: Uint8Array): Outcome<Proof> {
  if (bytes.length !== proofLength) {
    return refuse(zkResults.ZK_PROOF_LENGTH, `${bytes.length} bytes`);
  }
  const a = parseG1(bytes.subarray(0, 64), 'A');
  if (!a.ok) return a;
  const b = parseG2(bytes.subarray(64, 192), 'B');
  if (!b.ok) return b;
  const c = parseG1(bytes.subarray(192, 256), 'C');
  if (!c.ok) return c;
  return successWith({ a: a.value, b: b.value, c: c.value });
}

/** The proof's canonical bytes. Throws where a point is infinity or off its group. */
export const encodeProof = (proof: Proof): Uint8Array =>
  concat(encodeG1(proof.a), encodeG2(proof.b), encodeG1(proof.c));

/** 32 bytes each, big-endian, in the circuit's order. Every signal must be below r. */
export const encodePublics = (publics: readonly bigint[]): Uint8Array =>
  concat(...publics.map((signal) => integerToBytes(signal)));

/** @param count number of public signals of the circuit */
export function parsePublics(bytes: Uint8Array, count: number): Outcome<bigint[]> {
  if (bytes.length !== count * fieldElementLength) {
    return refuse(
      zkResults.ZK_PUBLIC_COUNT,
      `${bytes.length} bytes where ${count} signals have ${count * fieldElementLength}`,
    );
  }
  const publics: bigint[] = [];
  for (let index = 0; index < count; index += 1) {
    const offset = index * fieldElementLength;
    publics.push(integerFromBytes(bytes.subarray(offset, offset + fieldElementLength)));
  }
  const checked = checkPublics(publics, count);
  return checked.ok ? successWith(publics) : checked;
}

/** Count, then range 0 ≤ signal < r. */
export function checkPublics(publics: readonly bigint[], count: number): Outcome {
  if (publics.length !== count) {
    return refuse(zkResults.ZK_PUBLIC_COUNT, `${publics.length} signals where there are ${count}`);
  }
  const outside = publics.findIndex((signal) => signal < 0n || signal >= scalarFieldOrder);
  if (outside !== -1) return refuse(zkResults.ZK_PUBLIC_RANGE, `public signal ${outside}`);
  return { ok: true, value: undefined };
}
