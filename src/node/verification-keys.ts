import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readFileJson, taken } from '../base/file-text.ts';
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

/** Key files that came with an export, by circuit. */
export type GivenKeys = ReadonlyMap<string, Uint8Array>;

const ceremonyKeyFile = (keysDir: string, circuitId: string): string =>
  path.join(keysDir, `${circuitId}.vk.json`);

/** The key files that only this chain has: what an export takes along. Throws CIRCUIT_KEY_MISSING. */
export async function readCeremonyKeys(genesis: Genesis, keysDir: string): Promise<GivenKeys> {
  const keys = new Map<string, Uint8Array>();
  for (const { id, keyClass: circuitClass } of genesis.circuits) {
    if (circuitClass !== 'ceremony') continue;
    const bytes = await readFile(ceremonyKeyFile(keysDir, id)).catch((cause: unknown) => {
      throw keyError('MISSING', id, 'its verification key file cannot be read', cause);
    });
    keys.set(id, new Uint8Array(bytes));
  }
  return keys;
}

/** Puts the keys that an import brought where the node looks for them; never over others. */
export async function keepCeremonyKeys(keys: GivenKeys, keysDir: string): Promise<void> {
  if (keys.size === 0) return;
  await mkdir(keysDir, { recursive: true });
  for (const [id, bytes] of keys) {
    await writeFile(ceremonyKeyFile(keysDir, id), bytes, { flag: 'wx' }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/**
 * The verification keys that genesis pins, each checked against its hash and its class. A key
 * that anybody can forge with (development) is accepted on a development chain only, and such a
 * chain only by a node in development mode. Throws OperationalError CIRCUIT_KEY_*.
 */
export async function loadVerificationKeys(
  genesis: Genesis,
  development: boolean,
  keysDir: string,
  given: GivenKeys = new Map(),
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
    keys.set(circuit.id, await loadKey(genesis, circuit, keysDir, given));
  }
  return keys;
}

async function loadKey(
  genesis: Genesis,
  circuit: Genesis['circuits'][number],
  keysDir: string,
  given: GivenKeys,
): Promise<LoadedKey> {
  const held = given.get(circuit.id);
  const file =
    circuit.keyClass === 'development'
      ? developmentKeyFile(circuit.id)
      : ceremonyKeyFile(keysDir, circuit.id);
  const bytes =
    held ??
    (await readFile(file).catch((cause: unknown) => {
      throw keyError('MISSING', circuit.id, 'its verification key file cannot be read', cause);
    }));
  const json = taken(readFileJson(bytes), (problem) =>
    keyError('INVALID', circuit.id, `its verification key file ${problem}`),
  ) as object;
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
