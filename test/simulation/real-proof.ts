/** A k-anonymity proof that was made once for the simulated chain, so that runs can verify it. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { toHex } from '../../src/base/bytes.ts';
import { success } from '../../src/base/result.ts';
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import type { ProofVerifier } from '../../src/chain/machine/ledger.ts';
import { proofVerifierOf } from '../../src/node/verification-keys.ts';
import { buildCircuit, defaultCacheDirectory } from '../../src/privacy/zk/build/build-circuit.ts';
import { loadCircuitEntry, loadDevelopmentKey } from '../../src/privacy/zk/catalogue.ts';
import { kAnonymityCommitment } from '../../src/privacy/zk/prover/poseidon.ts';
import { prove } from '../../src/privacy/zk/prover/prove.ts';
import { listingBinding } from '../../src/privacy/zk/statements/k-anonymity.ts';

const circuitId = 'k-anonymity-512-k5';
const file = new URL('real-proof.json', import.meta.url);

/** The listing that the proof is bound to: at revision 1, of seller-1. */
export const provedListingId = 'listing-1';
export const provedSeller = 'seller-1';

interface RecordedProof {
  readonly commitment: string;
  readonly proof: string;
  readonly r1csHash: string;
  readonly verificationKeyHash: string;
}

export const recordedProof = JSON.parse(readFileSync(file, 'utf8')) as RecordedProof;

export const realCircuit: Genesis['circuits'][number] = {
  id: circuitId,
  r1csHash: recordedProof.r1csHash,
  verificationKeyHash: recordedProof.verificationKeyHash,
  keyClass: 'development',
};

/** As a node verifies, under the development key: about 20 ms a proof. */
export async function realVerifier(): Promise<ProofVerifier> {
  const key = await loadDevelopmentKey(circuitId);
  return proofVerifierOf(new Map([[circuitId, { key, json: {} }]]));
}

/** Stands in for the verifier where a run is about other things: every proof passes. */
export const stubVerifier: ProofVerifier = () => success;

/** Makes the proof anew (about 40 s with a cold cache): for `npm run sim -- --write-proof`. */
export async function writeProof(chainId: string): Promise<void> {
  const { parameters, r1csHash, developmentKeyHash } = await loadCircuitEntry(circuitId);
  const { rows = 0, k = 0 } = parameters;
  const column = Array.from({ length: rows }, (_, row) => BigInt(Math.floor(row / 8)));
  const salt = 20_260_302n;
  const binding = listingBinding({
    chainId,
    circuitId,
    listingId: provedListingId,
    revision: 1n,
    sellerOrgId: provedSeller,
  });
  const artefacts = await buildCircuit({ circuitId, cacheDir: defaultCacheDirectory });
  const { proof } = await prove({ circuitId, inputs: { binding, salt, column }, artefacts });
  const commitment = kAnonymityCommitment({ rows, k }, salt, column);
  const recorded: RecordedProof = {
    commitment: commitment.toString(16).padStart(64, '0'),
    proof: toHex(proof),
    r1csHash,
    verificationKeyHash: developmentKeyHash,
  };
  await writeFile(file, `${JSON.stringify(recorded, null, 2)}\n`);
}
