import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../../../base/assert.ts';
import type { Hex } from '../../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import { ciphertextBytes } from '../../precheck.ts';
import type { Preset } from '../../presets.ts';
import { heResults } from '../../results.ts';
import type { RecordAddress } from '../../worker/messages.ts';
import type { EvaluatorPool, RunOptions } from '../../worker/pool.ts';
import { checkJobSpec } from './check-job-spec.ts';
import type { JobSpec } from './job-spec.ts';
import { chunksPerTask, layOut, recordsPerShard, slices, type ChunkPlace } from './layout.ts';
import {
  manifestBytesMax,
  manifestName,
  readManifest,
  shardName,
  type Manifest,
} from './manifest.ts';
import { followChunks, type Following } from './progress.ts';
import { resultDigest } from './result-digest.ts';

export interface EvaluateInput extends Following {
  /** Where the upload lies; nothing in it is trusted. */
  readonly dir: string;
  readonly spec: JobSpec;
  /** As recorded on the ledger. */
  readonly expectedRoot: Hex;
  readonly pool: EvaluatorPool;
}

export interface EvaluatedSums {
  /** One full ciphertext for each group of the specification, in its order. */
  readonly results: readonly Uint8Array[];
  /** What two workers must agree on, and the ledger records. */
  readonly digest: Hex;
  readonly publicKeyDigest: Hex;
}

/**
 * The exchange adds the ciphertexts of each group. Every chunk is compared with the committed tree
 * and pre-checked before it is loaded. Deterministic: the same upload gives the same bytes on any
 * worker, whatever the number of processes. Interrupted, it starts again: the largest job that the
 * limits allow takes about a second, so there is no checkpoint.
 * Refuses as `checkJobSpec` does, and with HE_MANIFEST_INVALID, HE_DIGEST_MISMATCH (names the
 * chunk), HE_EVAL_KEYS_NOT_ACCEPTED or an HE_CT_ code.
 */
export async function evaluateGroupSums(input: EvaluateInput): Promise<Outcome<EvaluatedSums>> {
  const { dir, spec, pool } = input;
  const checked = checkJobSpec(spec);
  if (!checked.ok) return checked;
  const manifest = await openManifest(checked.value, input);
  if (!manifest.ok) return manifest;
  const places = layOut(checked.value, spec);
  const run = followChunks(input, places.length);
  const sums = await Promise.all(
    spec.groups.map(async (_, group) => {
      const own = places.filter((place) => place.group === group);
      const addresses = own.map((place) => addressOf(checked.value, manifest.value, dir, place));
      return sumGroup(addresses, pool, run);
    }),
  );
  const results: Uint8Array[] = [];
  for (const sum of sums) {
    if (!sum.ok) return sum;
    results.push(sum.value);
  }
  const { publicKeyDigest } = manifest.value;
  return successWith({ results, digest: resultDigest(results), publicKeyDigest });
}

async function openManifest(
  preset: Preset,
  { dir, spec, expectedRoot }: EvaluateInput,
): Promise<Outcome<Manifest>> {
  const bytes = await readAtMost(join(dir, manifestName), manifestBytesMax + 1);
  if (bytes === undefined) return refuse(heResults.HE_MANIFEST_INVALID, 'there is none');
  const manifest = readManifest(preset, spec, bytes);
  if (!manifest.ok || manifest.value.root === expectedRoot) return manifest;
  return refuse(heResults.HE_DIGEST_MISMATCH, `the upload has root ${manifest.value.root}`);
}

/** Undefined where the file cannot be read. */
async function readAtMost(path: string, limit: number): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(limit), 0, limit, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function addressOf(
  preset: Preset,
  { publicKeyDigest, leaves }: Manifest,
  dir: string,
  { index }: ChunkPlace,
): RecordAddress {
  const leaf = leaves[index];
  assert(leaf !== undefined, 'a manifest has a leaf for each chunk');
  const file = join(dir, shardName(publicKeyDigest, Math.floor(index / recordsPerShard)));
  const offset = (index % recordsPerShard) * ciphertextBytes(preset, 'seeded');
  return { file, offset, index, leaf };
}

async function sumGroup(
  addresses: readonly RecordAddress[],
  pool: EvaluatorPool,
  run: RunOptions,
): Promise<Outcome<Uint8Array>> {
  const tasks = slices(addresses, chunksPerTask).map((records) =>
    pool.run('sumRecords', { records }, run),
  );
  const partials: Uint8Array[] = [];
  for (const outcome of await Promise.all(tasks)) {
    if (!outcome.ok) return outcome;
    partials.push(outcome.value.partial);
  }
  const [only] = partials;
  if (partials.length === 1 && only !== undefined) return successWith(only);
  const sum = await pool.run('sumPartials', { partials }, { signal: run.signal });
  return sum.ok ? successWith(sum.value.partial) : sum;
}
