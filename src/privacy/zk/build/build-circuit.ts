import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hex } from '../../../base/bytes.ts';
import { OperationalError } from '../../../base/operational-error.ts';
import { loadCircuitEntry } from '../catalogue.ts';
import { runChildJob } from '../child-process.ts';
import {
  parseVerificationKey,
  verificationKeyHash,
  type VerificationKeyJson,
} from '../verifier/verification-key.ts';
import type { BuildJob, BuildJobProgress, BuildJobResult } from './build-child.ts';
import { cachedDirectory, intactDetails } from './cache.ts';
import type { OptimisationLevel } from './compile.ts';
import { buildKey } from './sources.ts';

export interface BuildProgress {
  readonly circuitId: string;
  readonly phase: 'cached' | BuildJobProgress['phase'];
  /** 0 to 1 within the phase; undefined where the compiler gives none. */
  readonly fraction?: number | undefined;
}

export interface CircuitArtefacts {
  readonly wasmPath: string;
  readonly zkeyPath: string;
  readonly r1csPath: string;
  readonly symPath: string;
  /** The development key, as in circuits/keys/. */
  readonly vk: VerificationKeyJson;
  readonly cached: boolean;
  readonly compileMs: number;
  readonly keysMs: number;
}

export interface BuildRequest {
  readonly circuitId: string;
  /** Created where absent; see defaultCacheDirectory. */
  readonly cacheDir: string;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Build even where the cache holds it. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const defaultCacheDirectory = fileURLToPath(
  new URL('../../../../.data/cache/circuits', import.meta.url),
);

/** There to end a hang: the largest circuit takes minutes, and much longer beside other work. */
const buildTimeoutMs = 3_600_000;

/**
 * Compiles a circuit of circuits.json, checks its r1cs and key against the hashes there, and makes
 * the development proving key; or finds all of it in the cache, checked by hash. How long it takes
 * is in docs/circuits.md; warm about 0.2 s.
 * Throws OperationalError: ZK_CIRCUIT_UNKNOWN, ZK_COMPILE_FAILED, ZK_R1CS_MISMATCH,
 * ZK_KEY_MISMATCH, ZK_CACHE_UNWRITABLE, ZK_CHILD_*.
 */
export async function buildCircuit(request: BuildRequest): Promise<CircuitArtefacts> {
  const entry = await loadCircuitEntry(request.circuitId);
  const artefacts = await buildFromSource({
    ...request,
    file: entry.file,
    level: 'O2',
    expectedR1csHash: entry.r1csHash,
    withKeys: true,
  });
  const key = parseVerificationKey(artefacts.vk);
  if (!key.ok || verificationKeyHash(key.value) !== entry.developmentKeyHash) {
    throw new OperationalError(
      'ZK_KEY_MISMATCH',
      `The key of ${entry.id} is not the one in circuits.json: run npm run circuits -- --update.`,
    );
  }
  return artefacts;
}

/** Whether the cache holds a circuit whole: `buildCircuit` then finds it. Throws ZK_CIRCUIT_UNKNOWN. */
export async function isBuilt(circuitId: string, cacheDir: string): Promise<boolean> {
  const { file } = await loadCircuitEntry(circuitId);
  const directory = await directoryOf({ circuitId, cacheDir, file, level: 'O2', withKeys: true });
  return (await intactDetails(directory)) !== undefined;
}

type Placed = Pick<SourceBuildRequest, 'circuitId' | 'cacheDir' | 'file' | 'level' | 'withKeys'>;

async function directoryOf({
  circuitId,
  cacheDir,
  file,
  level,
  withKeys,
}: Placed): Promise<string> {
  const key = await buildKey(file, level);
  const variant = withKeys ? level : `${level}-no-keys`;
  return join(cacheDir, `${circuitId}-${variant}-${key.slice(0, 16)}`);
}

export interface SourceBuildRequest extends BuildRequest {
  readonly file: string;
  readonly level: OptimisationLevel;
  /** What circuits.json pins; undefined where it is about to be written. */
  readonly expectedR1csHash?: Hex | undefined;
  readonly withKeys: boolean;
}

/** As buildCircuit, for a source that circuits.json need not pin. */
export async function buildFromSource(
  request: SourceBuildRequest,
): Promise<CircuitArtefacts & BuildJobResult> {
  const { circuitId, file, level, withKeys, expectedR1csHash } = request;
  const directory = await directoryOf(request);
  const built = await cachedDirectory(directory, request.force ?? false, (outputDirectory) =>
    runChildJob<BuildJobProgress, BuildJobResult>({
      module: new URL('./build-child.ts', import.meta.url),
      job: { file, level, outputDirectory, withKeys } satisfies BuildJob,
      onProgress: (progress) => request.onProgress?.({ circuitId, ...progress }),
      timeoutMs: buildTimeoutMs,
      signal: request.signal,
    }),
  );
  const { r1csHash } = built.details;
  if (expectedR1csHash !== undefined && r1csHash !== expectedR1csHash) {
    throw new OperationalError(
      'ZK_R1CS_MISMATCH',
      `${file} compiles to ${r1csHash} where ${expectedR1csHash} is pinned: ` +
        'restore the circuit and the packages, or run npm run circuits -- --update.',
    );
  }
  if (built.cached) request.onProgress?.({ circuitId, phase: 'cached', fraction: 1 });
  const at = (name: string): string => join(directory, name);
  return {
    ...built.details,
    cached: built.cached,
    wasmPath: at('circuit.wasm'),
    zkeyPath: at('circuit.zkey'),
    r1csPath: at('circuit.r1cs'),
    symPath: at('circuit.sym'),
    vk: withKeys ? JSON.parse(await readFile(at('vk.json'), 'utf8')) : undefined,
  };
}
