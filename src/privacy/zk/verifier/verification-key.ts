import { bn254 } from '@noble/curves/bn254.js';
import { concat, fromHex, toHex, utf8, type Hex } from '../../../base/bytes.ts';
import { sha256Hex } from '../../../base/hash.ts';
import { refuse, successWith, type Outcome, type Refusal } from '../../../base/result.ts';
import { zkResults } from '../results.ts';
import { integerToBytes } from './field.ts';
import {
  encodeG1,
  encodeG2,
  g1Length,
  g2Length,
  parseG1,
  parseG2,
  type G1Point,
  type G2Point,
} from './points.ts';

export interface VerificationKeyPoints {
  readonly alpha: G1Point;
  readonly beta: G2Point;
  readonly gamma: G2Point;
  readonly delta: G2Point;
  /** One for the constant, then one for each public signal. */
  readonly ic: readonly G1Point[];
}

type Line = ReturnType<typeof bn254.utils.calcPairingPrecomputes>;

/** A checked key. It is made by makeVerificationKey or parseVerificationKey and nowhere else. */
export interface VerificationKey extends VerificationKeyPoints {
  readonly publicCount: number;
  /** What of the pairing does not depend on the proof, computed once (about 10 ms a key). */
  readonly prepared: {
    readonly alphaBeta: ReturnType<typeof bn254.millerLoopBatch>;
    readonly gammaLines: Line;
    readonly deltaLines: Line;
  };
}

/** The key file: coordinates as in proofs (see points.ts), in lower-case hexadecimal. */
export interface VerificationKeyJson {
  readonly format: typeof keyFormat;
  readonly alpha: Hex;
  readonly beta: Hex;
  readonly gamma: Hex;
  readonly delta: Hex;
  readonly ic: readonly Hex[];
}

export const keyFormat = 'dxl-groth16-bn254-vk/1';

const fieldNames = ['format', 'alpha', 'beta', 'gamma', 'delta', 'ic'] as const;
const publicCountMax = 255;

/**
 * Refuses δ = γ, a key that never had a phase-2 contribution: A = α, B = β, C = −vk_x then passes
 * for any public signals; and δ = −γ, where C = vk_x does.
 */
export function makeVerificationKey(points: VerificationKeyPoints): Outcome<VerificationKey> {
  const { alpha, beta, gamma, delta, ic } = points;
  if (delta.equals(gamma) || delta.equals(gamma.negate())) {
    return refuse(zkResults.ZK_KEY_NOT_ALLOWED, 'delta equals gamma or its negative');
  }
  const { x, y } = alpha.toAffine();
  const lines = bn254.utils.calcPairingPrecomputes;
  const prepared = {
    alphaBeta: bn254.millerLoopBatch([[lines(beta), x, y]]),
    gammaLines: lines(gamma),
    deltaLines: lines(delta),
  };
  return successWith({ alpha, beta, gamma, delta, ic, publicCount: ic.length - 1, prepared });
}

/** Strict: exactly the fields of VerificationKeyJson, each point canonical and in its subgroup. */
export function parseVerificationKey(json: unknown): Outcome<VerificationKey> {
  if (typeof json !== 'object' || json === null) return malformed('not an object');
  const record = json as Record<string, unknown>;
  const unknownField = Object.keys(record).find((name) => !fieldNames.some((one) => one === name));
  if (unknownField !== undefined) return malformed('an unknown field');
  if (record['format'] !== keyFormat) return malformed(`format is not ${keyFormat}`);
  const ic = record['ic'];
  if (!Array.isArray(ic) || ic.length < 2 || ic.length > publicCountMax + 1) {
    return malformed('ic is not an array of 2 to 256 points');
  }
  const alpha = parseHexPoint(record['alpha'], 'alpha', g1Length, parseG1);
  if (!alpha.ok) return alpha;
  const secondGroup: G2Point[] = [];
  for (const name of ['beta', 'gamma', 'delta'] as const) {
    const point = parseHexPoint(record[name], name, g2Length, parseG2);
    if (!point.ok) return point;
    secondGroup.push(point.value);
  }
  const icPoints: G1Point[] = [];
  for (const [index, hex] of ic.entries()) {
    const point = parseHexPoint(hex, `ic[${index}]`, g1Length, parseG1);
    if (!point.ok) return point;
    icPoints.push(point.value);
  }
  const [beta, gamma, delta] = secondGroup as [G2Point, G2Point, G2Point];
  return makeVerificationKey({ alpha: alpha.value, beta, gamma, delta, ic: icPoints });
}

function parseHexPoint<Point>(
  hex: unknown,
  name: string,
  length: number,
  parse: (bytes: Uint8Array, name: string) => Outcome<Point>,
): Outcome<Point> {
  if (typeof hex !== 'string' || hex.length !== 2 * length || !/^[0-9a-f]*$/.test(hex)) {
    return malformed(`${name} is not ${length} bytes of lower-case hexadecimal`);
  }
  const point = parse(fromHex(hex), name);
  return point.ok ? point : malformed(`${name}: ${point.result.title}`);
}

const malformed = (detail: string): Refusal => refuse(zkResults.ZK_KEY_MALFORMED, detail);

export function verificationKeyToJson(key: VerificationKeyPoints): VerificationKeyJson {
  return {
    format: keyFormat,
    alpha: toHex(encodeG1(key.alpha)),
    beta: toHex(encodeG2(key.beta)),
    gamma: toHex(encodeG2(key.gamma)),
    delta: toHex(encodeG2(key.delta)),
    ic: key.ic.map((point) => toHex(encodeG1(point))),
  };
}

/** Format name ‖ 0x00 ‖ number of ic points (4 bytes) ‖ alpha ‖ beta ‖ gamma ‖ delta ‖ ic. */
export function encodeVerificationKey(key: VerificationKeyPoints): Uint8Array {
  return concat(
    utf8(`${keyFormat}\0`),
    integerToBytes(BigInt(key.ic.length), 4),
    encodeG1(key.alpha),
    encodeG2(key.beta),
    encodeG2(key.gamma),
    encodeG2(key.delta),
    ...key.ic.map(encodeG1),
  );
}

/** SHA-256 of the canonical bytes, which begin with their format's name: what genesis pins. */
export const verificationKeyHash = (key: VerificationKeyPoints): Hex =>
  sha256Hex(encodeVerificationKey(key));
