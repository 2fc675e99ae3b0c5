import { equalBytes, fromHex, fromUtf8, toHex, utf8, type Hex } from '../../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import { merkleRoot } from '../../merkle.ts';
import { ciphertextBytes } from '../../precheck.ts';
import type { Preset } from '../../presets.ts';
import { heResults } from '../../results.ts';
import { jobSpecHash, type JobSpec } from './job-spec.ts';
import { chunksOfGroup, layOut, recordsPerShard } from './layout.ts';

export interface Manifest {
  /** SHA-256 of the seeded public key: which key the upload is under. */
  readonly publicKeyDigest: Hex;
  /** One for each chunk, in order. */
  readonly leaves: readonly Uint8Array[];
  readonly root: Hex;
}

export const manifestName = 'manifest.json';

/** Largest manifest of a job within its limits, with room for its names. */
export const manifestBytesMax = 2 ** 20;

export const shardName = (publicKeyDigest: Hex, shard: number): string =>
  `shard-${publicKeyDigest.slice(0, 16)}-${String(shard).padStart(4, '0')}.bin`;

/** JSON with keys in order and no space: one sequence of bytes for one upload. */
export function encodeManifest(preset: Preset, spec: JobSpec, manifest: Manifest): Uint8Array {
  const chunks = manifest.leaves.length;
  const shards = Array.from({ length: Math.ceil(chunks / recordsPerShard) }, (_, shard) => ({
    name: shardName(manifest.publicKeyDigest, shard),
    records: Math.min(recordsPerShard, chunks - shard * recordsPerShard),
  }));
  const layout = spec.groups.map(({ label, rows }) => ({
    chunks: chunksOfGroup(preset, rows),
    label,
    rows,
  }));
  const content = {
    chunks,
    columns: [{ bound: String(spec.valueBound), group: spec.groupColumn, name: spec.column }],
    format: 'dxl-he-shards/1',
    layout,
    leaves: manifest.leaves.map(toHex),
    parmsId: spec.parmsId,
    preset: preset.id,
    publicKeyDigest: manifest.publicKeyDigest,
    recordBytes: ciphertextBytes(preset, 'seeded'),
    root: manifest.root,
    rows: spec.rows,
    shards,
    signer: spec.parties.seller,
    specHash: jobSpecHash(spec),
  };
  return utf8(JSON.stringify(content));
}

export function makeManifest(publicKeyDigest: Hex, leaves: readonly Uint8Array[]): Manifest {
  return { publicKeyDigest, leaves, root: merkleRoot(leaves) };
}

/**
 * Reads a peer's manifest. Only the key digest and the leaves are taken from it; everything else
 * follows from the specification, so it must be exactly the bytes that we would write.
 * Refuses with HE_MANIFEST_INVALID.
 */
export function readManifest(preset: Preset, spec: JobSpec, bytes: Uint8Array): Outcome<Manifest> {
  const invalid = (why: string): Outcome<Manifest> => refuse(heResults.HE_MANIFEST_INVALID, why);
  if (bytes.length > manifestBytesMax) return invalid(`${bytes.length} bytes`);
  let content: { publicKeyDigest?: unknown; leaves?: unknown } | null;
  try {
    content = JSON.parse(fromUtf8(bytes)) as typeof content;
  } catch {
    return invalid('not JSON');
  }
  const { publicKeyDigest, leaves } = content ?? {};
  if (!isDigest(publicKeyDigest)) return invalid('publicKeyDigest is not 32 bytes');
  if (!Array.isArray(leaves) || !leaves.every(isDigest)) return invalid('leaves are not digests');
  const expected = layOut(preset, spec).length;
  if (leaves.length !== expected) return invalid(`${leaves.length} leaves, not ${expected}`);
  const manifest = makeManifest(publicKeyDigest, leaves.map(fromHex));
  return equalBytes(encodeManifest(preset, spec, manifest), bytes)
    ? successWith(manifest)
    : invalid('not the bytes that follow from the specification and the leaves');
}

const isDigest = (value: unknown): value is Hex =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
