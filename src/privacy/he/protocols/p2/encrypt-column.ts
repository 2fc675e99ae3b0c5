import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../../../base/assert.ts';
import { concat, type Hex } from '../../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import { chunkLeaf } from '../../merkle.ts';
import { ciphertextBytes, precheckCiphertext } from '../../precheck.ts';
import type { Preset } from '../../presets.ts';
import { heResults } from '../../results.ts';
import type { RunOptions, SellerPool } from '../../worker/pool.ts';
import { checkJobSpec } from './check-job-spec.ts';
import { checkKeyOfJob, type JobKey } from './job-key.ts';
import type { JobSpec } from './job-spec.ts';
import { chunksPerTask, layOut, recordsPerShard, slices, type ChunkPlace } from './layout.ts';
import { encodeManifest, makeManifest, manifestName, shardName } from './manifest.ts';
import { followChunks, type Following } from './progress.ts';

/** A column as it stands: entry i of both is row i. */
export interface Column {
  /** Integers: the value times 10^scale. */
  readonly values: ArrayLike<number>;
  /** Position of the row's group in the specification. */
  readonly groups: ArrayLike<number>;
}

export interface EncryptColumnInput extends Following {
  readonly spec: JobSpec;
  readonly key: JobKey;
  readonly column: Column;
  /** Made where absent. It gets the upload and nothing else: no key, no plaintext. */
  readonly dir: string;
  readonly pool: SellerPool;
}

export interface EncryptedColumn {
  /** Data commitment of the job, for the ledger. */
  readonly root: Hex;
  readonly publicKeyDigest: Hex;
  readonly chunks: number;
  /** All files together. */
  readonly bytes: number;
}

/**
 * The seller encrypts the column into shard files and a manifest. Interrupted, the same call goes on
 * after the last whole shard of this key (the caller gives the same column again).
 * Refuses as `checkJobSpec` does, and with HE_KEY_REUSED, HE_COLUMN_MISMATCH, HE_RANGE_OVERFLOW
 * (names the row, never its value).
 */
export async function encryptColumn(input: EncryptColumnInput): Promise<Outcome<EncryptedColumn>> {
  const { spec, key, dir, pool } = input;
  const checked = checkJobSpec(spec);
  if (!checked.ok) return checked;
  const preset = checked.value;
  const ofJob = checkKeyOfJob(key, spec);
  if (!ofJob.ok) return ofJob;
  const rows = arrangeRows(spec, input.column);
  if (!rows.ok) return rows;
  await mkdir(dir, { recursive: true });
  const places = layOut(preset, spec);
  const leaves: Uint8Array[] = [];
  const run = followChunks(input, places.length);
  for (const [shard, shardPlaces] of slices(places, recordsPerShard).entries()) {
    const path = join(dir, shardName(key.publicKeyDigest, shard));
    let records = await readWholeShard(preset, path, shardPlaces.length);
    if (records === undefined) {
      const encrypted = await encryptShard(preset, shardPlaces, rows.value, key, pool, run);
      if (!encrypted.ok) return encrypted;
      records = encrypted.value;
      await writeWhole(path, concat(...records));
    } else {
      records.forEach(() => run.onChunk?.());
    }
    records.forEach((record) => leaves.push(chunkLeaf(leaves.length, record)));
  }
  const manifest = makeManifest(key.publicKeyDigest, leaves);
  const encoded = encodeManifest(preset, spec, manifest);
  await writeWhole(join(dir, manifestName), encoded);
  return successWith({
    root: manifest.root,
    publicKeyDigest: key.publicKeyDigest,
    chunks: leaves.length,
    bytes: leaves.length * ciphertextBytes(preset, 'seeded') + encoded.length,
  });
}

/** Values group by group, each group in row order, after every one was checked. */
function arrangeRows(spec: JobSpec, { values, groups }: Column): Outcome<Int32Array[]> {
  if (values.length !== spec.rows || groups.length !== spec.rows) {
    return refuse(heResults.HE_COLUMN_MISMATCH, `${values.length} rows, not ${spec.rows}`);
  }
  const bound = Number(spec.valueBound);
  const arranged = spec.groups.map(({ rows }) => new Int32Array(rows));
  const filled = spec.groups.map(() => 0);
  for (let row = 0; row < spec.rows; row += 1) {
    const value = values[row] ?? NaN;
    if (!Number.isInteger(value) || Math.abs(value) > bound) {
      return refuse(heResults.HE_RANGE_OVERFLOW, `row ${row} is no integer within the bound`);
    }
    const group = groups[row] ?? -1;
    const into = arranged[group];
    const position = filled[group];
    if (into === undefined || position === undefined || position >= into.length) {
      return refuse(heResults.HE_COLUMN_MISMATCH, `row ${row} has no place in its group`);
    }
    into[position] = value;
    filled[group] = position + 1;
  }
  return successWith(arranged);
}

async function encryptShard(
  preset: Preset,
  places: readonly ChunkPlace[],
  rows: readonly Int32Array[],
  key: JobKey,
  pool: SellerPool,
  run: RunOptions,
): Promise<Outcome<Uint8Array[]>> {
  const tasks = slices(places, chunksPerTask).map((task) => {
    const values = new Int32Array(task.length * preset.polyDegree);
    task.forEach((place, position) => {
      const group = rows[place.group];
      assert(group !== undefined, 'a chunk is of a group');
      const part = group.subarray(place.firstRow, place.firstRow + place.rows);
      values.set(part, position * preset.polyDegree);
    });
    return pool.run('encrypt', { secretKey: key.exposeSecret(), values }, run);
  });
  const records: Uint8Array[] = [];
  for (const outcome of await Promise.all(tasks)) {
    if (!outcome.ok) return outcome;
    records.push(...outcome.value.records);
  }
  return successWith(records);
}

/** The records of a shard that an earlier run finished; undefined where there is none. */
async function readWholeShard(
  preset: Preset,
  path: string,
  count: number,
): Promise<Uint8Array[] | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  const size = ciphertextBytes(preset, 'seeded');
  if (bytes?.length !== size * count) return undefined;
  const records = Array.from({ length: count }, (_, index) =>
    Uint8Array.from(bytes.subarray(index * size, (index + 1) * size)),
  );
  return records.every((record) => precheckCiphertext(preset, 'seeded', record).ok)
    ? records
    : undefined;
}

/** A file of that name is whole or absent. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, bytes);
  await rename(part, path);
}
