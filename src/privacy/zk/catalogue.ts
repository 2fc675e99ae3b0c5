import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { parseVerificationKey, type VerificationKey } from './verifier/verification-key.ts';

/** One entry of circuits/circuits.json. */
export interface CircuitEntry {
  readonly id: string;
  /** File name in circuits/. */
  readonly file: string;
  readonly statement: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Names of the public signals in order. */
  readonly publics: readonly string[];
  readonly constraints: number;
  /** SHA-256 of the r1cs at level O2: part of the circuit's identity. */
  readonly r1csHash: Hex;
  /** verificationKeyHash of the development key. */
  readonly developmentKeyHash: Hex;
}

export interface Catalogue {
  readonly compiler: string;
  readonly circuits: readonly CircuitEntry[];
}

export const circuitsDirectory = new URL('../../../circuits/', import.meta.url);
export const catalogueFile = new URL('circuits.json', circuitsDirectory);

export const developmentKeyFile = (circuitId: string): URL =>
  new URL(`keys/${circuitId}.dev.vk.json`, circuitsDirectory);

export async function loadCatalogue(): Promise<Catalogue> {
  return (await readJson(catalogueFile)) as Catalogue;
}

/** Throws OperationalError ZK_CIRCUIT_UNKNOWN, naming the circuits that there are. */
export async function loadCircuitEntry(circuitId: string): Promise<CircuitEntry> {
  const { circuits } = await loadCatalogue();
  const entry = circuits.find(({ id }) => id === circuitId);
  if (entry !== undefined) return entry;
  const known = circuits.map(({ id }) => id).join(', ');
  throw new OperationalError('ZK_CIRCUIT_UNKNOWN', `No circuit ${circuitId}; there are: ${known}.`);
}

/** The committed development key of a circuit, checked point by point (about 30 ms). */
export async function loadDevelopmentKey(circuitId: string): Promise<VerificationKey> {
  const key = parseVerificationKey(await readJson(developmentKeyFile(circuitId)));
  if (key.ok) return key.value;
  throw new OperationalError(
    'ZK_KEY_FILE_INVALID',
    `The key file of ${circuitId} is damaged (${key.detail}): run npm run circuits -- --update.`,
  );
}

async function readJson(file: URL): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new OperationalError(
      'ZK_CATALOGUE_UNREADABLE',
      `${fileURLToPath(file)} cannot be read: restore it from the repository.`,
      { cause },
    );
  }
}
