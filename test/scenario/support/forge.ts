/** Proofs without a witness: what the public trapdoor of a development key allows, in milliseconds. */
import { assert } from '../../../src/base/assert.ts';
import { concat } from '../../../src/base/bytes.ts';
import type { Genesis } from '../../../src/chain/machine/genesis.ts';
import { loadVerificationKeys } from '../../../src/node/verification-keys.ts';
import { developmentTrapdoor } from '../../../src/privacy/zk/verifier/development-key.ts';
import { invertModulo, scalarFieldOrder as r } from '../../../src/privacy/zk/verifier/field.ts';
import { encodeG1, encodeG2 } from '../../../src/privacy/zk/verifier/points.ts';
import { combinePublics } from '../../../src/privacy/zk/verifier/verify.ts';
import { g1, g2 } from '../../privacy/zk/points.ts';

const modulo = (value: bigint): bigint => ((value % r) + r) % r;

/** A proof that verifies for these public signals: A = a·G1, B = b·G2, and C from the trapdoor. */
export async function forgeProof(
  genesis: Genesis,
  circuitId: string,
  publics: readonly bigint[],
): Promise<Uint8Array> {
  const circuit = genesis.circuits.find(({ id }) => id === circuitId);
  const key = (await loadVerificationKeys(genesis, true, '')).get(circuitId)?.key;
  assert(circuit && key, `genesis pins ${circuitId}`);
  const { alpha, beta, gamma, delta } = developmentTrapdoor(circuit.r1csHash);
  const [a, b] = [3n, 5n];
  const byDelta = invertModulo(delta, r);
  const c = g1(modulo((a * b - alpha * beta) * byDelta)).add(
    combinePublics(key, publics).multiplyUnsafe(modulo(-gamma * byDelta)),
  );
  return concat(encodeG1(g1(a)), encodeG2(g2(b)), encodeG1(c));
}
