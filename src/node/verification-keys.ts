import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { refuse } from '../base/result.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { ProofVerifier } from '../chain/machine/ledger.ts';
import { developmentKeyFile } from '../privacy/zk/catalogue.ts';
import { zkResults } from '../privacy/zk/results.ts';
import { keyClass } from '../privacy/zk/verifier/development-key.ts';
import {
  parseVerificationKey,
  verificationKeyHash,
  type VerificationKey,
} from '../privacy/zk/verifier/verification-key.ts';
import { verifyProof } from '../privacy/zk/verifier/verify.ts';

export interface LoadedKey {
  readonly key: VerificationKey;
  /** The file it was read from, as the API shows it. */
  readonly json: object;
}

export type VerificationKeys = ReadonlyMap<string, LoadedKey>;

/**
 * The verification keys that genesis pins, each checked against its hash and its class. A key
 * that anybody can forge with (development) is accepted on a development chain only, and such a
 * chain only by a node in development mode. Throws OperationalError CIRCUIT_KEY_*.
 */
export async function loadVerificationKeys(
  genesis: Genesis,
  development: boolean,
  keysDir: string,
): Promise<VerificationKeys> {
  if (genesis.mode === 'development' && !development) {
    throw new OperationalError(
      'DEVELOPMENT_CHAIN_REFUSED',
      `${genesis.chainId} is a development chain: its circuit keys prove nothing to a stranger. ` +
        'This node runs in production mode; use DXL_MODE=development to try it out.',
    );
  }
  const keys = new Map<string, LoadedKey>();
  for (const circuit of genesis.circuits) {
    keys.set(circuit.id, await loadKey(genesis, circuit, keysDir));
  }
  return keys;
}

async function loadKey(
  genesis: Genesis,
  circuit: Genesis['circuits'][number],
  keysDir: string,
): Promise<LoadedKey> {
  const file =
    circuit.keyClass === 'development'
      ? developmentKeyFile(circuit.id)
      : path.join(keysDir, `${circuit.id}.vk.json`);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw keyError('MISSING', circuit.id, 'its verification key file cannot be read', cause);
  });
  const json = JSON.parse(text) as object;
  const parsed = parseVerificationKey(json);
  if (!parsed.ok) throw keyError('INVALID', circuit.id, parsed.detail);
  if (verificationKeyHash(parsed.value) !== circuit.verificationKeyHash) {
    throw keyError('OTHER', circuit.id, 'its verification key is not the one genesis pins');
  }
  const found = keyClass(parsed.value, circuit.r1csHash);
  if (found !== circuit.keyClass || (found === 'development' && genesis.mode === 'production')) {
    throw keyError('CLASS', circuit.id, `its key is of class ${found}, refused on this chain`);
  }
  return { key: parsed.value, json };
}

const keyError = (code: string, circuitId: string, why: string, cause?: unknown) =>
  new OperationalError(`CIRCUIT_KEY_${code}`, `Circuit ${circuitId}: ${why}.`, { cause });

/** What the machine calls for a proof. */
export const proofVerifierOf =
  (keys: VerificationKeys): ProofVerifier =>
  (circuitId, publics, proof) => {
    const loaded = keys.get(circuitId);
    if (!loaded) return refuse(zkResults.ZK_CIRCUIT_UNKNOWN, `Circuit ${circuitId}.`);
    return verifyProof(loaded.key, publics, proof);
  };
