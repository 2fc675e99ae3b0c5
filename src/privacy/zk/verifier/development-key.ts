import { bn254 } from '@noble/curves/bn254.js';
import { assert } from '../../../base/assert.ts';
import { concat, fromHex, utf8, type Hex } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hash.ts';
import { integerFromBytes, scalarFieldOrder } from './field.ts';
import type { VerificationKeyPoints } from './verification-key.ts';

/** Public on purpose: who knows it can forge every proof under a development key. */
export const developmentSeed = 'Data Exchange Ledger: public development key, worth nothing (1)';

export type TrapdoorName = 'tau' | 'alpha' | 'beta' | 'gamma' | 'delta';

/** The secrets of a Groth16 setup, here public. Each is in 1..r-1. */
export type Trapdoor = { readonly [Name in TrapdoorName]: bigint };

/**
 * Derives the setup's secrets from the public seed and the circuit, the same on every machine:
 * SHA-256(seed ‖ 0 ‖ name ‖ 0 ‖ r1cs hash ‖ half) for half 0 and 1, joined to 64 bytes, modulo r-1,
 * plus 1 (the bias is below 2^-256).
 * @param r1csHash SHA-256 of the r1cs file
 */
export function developmentTrapdoor(r1csHash: Hex): Trapdoor {
  const circuit = fromHex(r1csHash);
  assert(circuit.length === 32, 'an r1cs hash has 32 bytes');
  const derive = (name: TrapdoorName): bigint => {
    const prefix = concat(utf8(`${developmentSeed}\0${name}\0`), circuit);
    const halves = [0, 1].map((half) => sha256(concat(prefix, Uint8Array.of(half))));
    return (integerFromBytes(concat(...halves)) % (scalarFieldOrder - 1n)) + 1n;
  };
  return {
    tau: derive('tau'),
    alpha: derive('alpha'),
    beta: derive('beta'),
    gamma: derive('gamma'),
    delta: derive('delta'),
  };
}

/**
 * 'development' where any of the key's α, β, γ or δ is the one that the public seed gives for this
 * circuit: knowing α, β and τ alone is enough to forge, whatever δ became afterwards.
 *
 * 'ceremony' says only that it is *not* this circuit's development key. That a ceremony took place
 * is shown by its transcript, which the caller must check. Pure; about 10 ms.
 */
export function keyClass(key: VerificationKeyPoints, r1csHash: Hex): 'development' | 'ceremony' {
  const trapdoor = developmentTrapdoor(r1csHash);
  const G1 = bn254.G1.Point.BASE;
  const G2 = bn254.G2.Point.BASE;
  const derived =
    key.alpha.equals(G1.multiplyUnsafe(trapdoor.alpha)) ||
    key.beta.equals(G2.multiplyUnsafe(trapdoor.beta)) ||
    key.gamma.equals(G2.multiplyUnsafe(trapdoor.gamma)) ||
    key.delta.equals(G2.multiplyUnsafe(trapdoor.delta));
  return derived ? 'development' : 'ceremony';
}
