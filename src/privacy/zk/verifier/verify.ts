import { bn254 } from '@noble/curves/bn254.js';
import { refuse, success, type Outcome } from '../../../base/result.ts';
import { zkResults } from '../results.ts';
import type { G1Point } from './points.ts';
import { checkPublics, parseProof, type Proof } from './proof.ts';
import type { VerificationKey } from './verification-key.ts';

/**
 * Whether the proof holds: e(A, B) = e(α, β) · e(vk_x, γ) · e(C, δ) (Groth16, eprint 2016/260),
 * as one multi-Miller loop and one final exponentiation. Consensus code: synchronous, integers
 * only, never throws on any input. About 25 ms.
 *
 * The caller's duty: the key is one that genesis pins; the public signals are the ones it has
 * itself recomputed or agreed to; uniqueness comes from elsewhere, for anybody can re-randomise a
 * valid proof into another one.
 *
 * @param publics in the circuit's order, without the leading 1
 * @param proof 256 bytes, see parseProof
 */
export function verifyProof(
  key: VerificationKey,
  publics: readonly bigint[],
  proof: Uint8Array,
): Outcome {
  const checked = checkPublics(publics, key.publicCount);
  if (!checked.ok) return checked;
  const parsed = parseProof(proof);
  if (!parsed.ok) return parsed;
  if (!pairingHolds(key, publics, parsed.value)) {
    return refuse(zkResults.ZK_PROOF_INVALID, 'the pairing equation does not hold');
  }
  return success;
}

/** vk_x = ic[0] + Σ publics[i] · ic[i+1]. */
export function combinePublics(key: VerificationKey, publics: readonly bigint[]): G1Point {
  return key.ic.reduce((sum, point, index) => {
    const signal = index === 0 ? 1n : (publics[index - 1] ?? 0n);
    return sum.add(point.multiplyUnsafe(signal));
  }, bn254.G1.Point.ZERO);
}

type MillerPair = Parameters<typeof bn254.millerLoopBatch>[0][number];

function pairingHolds(key: VerificationKey, publics: readonly bigint[], proof: Proof): boolean {
  const { alphaBeta, gammaLines, deltaLines } = key.prepared;
  const minusA = proof.a.negate().toAffine();
  const c = proof.c.toAffine();
  const pairs: MillerPair[] = [
    [bn254.utils.calcPairingPrecomputes(proof.b), minusA.x, minusA.y],
    [deltaLines, c.x, c.y],
  ];
  const combined = combinePublics(key, publics);
  // e(0, γ) = 1: a sum that happens to vanish contributes nothing.
  if (!combined.is0()) {
    const { x, y } = combined.toAffine();
    pairs.push([gammaLines, x, y]);
  }
  const { Fp12 } = bn254.fields;
  const product = Fp12.mul(alphaBeta, bn254.millerLoopBatch(pairs));
  return Fp12.eql(Fp12.finalExponentiate(product), Fp12.ONE);
}
