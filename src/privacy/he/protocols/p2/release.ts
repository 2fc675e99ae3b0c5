import { encodeCbor } from '../../../../base/cbor.ts';
import { assert } from '../../../../base/assert.ts';
import { concat, fromHex, type Hex } from '../../../../base/bytes.ts';
import { taggedHashHex } from '../../../../base/hash.ts';
import { jobSpecHash, type JobSpec } from './job-spec.ts';

/** What the buyer gets of a group. */
export interface GroupTotal {
  readonly label: string;
  readonly rows: number;
  /** In units of 10^-scale, rounded by the output policy. */
  readonly total: bigint;
}

/** Canonical CBOR [spec hash, result digest, labels with row counts, totals]. */
export function encodeRelease(
  spec: JobSpec,
  digest: Hex,
  totals: readonly GroupTotal[],
): Uint8Array {
  return encodeCbor([
    fromHex(jobSpecHash(spec)),
    fromHex(digest),
    totals.map(({ label, rows }) => [label, BigInt(rows)]),
    totals.map(({ total }) => total),
  ]);
}

/**
 * What the ledger records of a release. Totals can be guessed, hence the salt.
 * @param salt 32 random bytes, handed over with the release.
 */
export function releaseDigest(salt: Uint8Array, release: Uint8Array): Hex {
  assert(salt.length === 32, 'a salt has 32 bytes');
  return taggedHashHex('dxl/he-release/1', concat(salt, release));
}

/** Nearest multiple of `unit`, halves away from zero. */
export function roundTotal(total: bigint, unit: bigint): bigint {
  const magnitude = total < 0n ? -total : total;
  const rounded = ((2n * magnitude + unit) / (2n * unit)) * unit;
  return total < 0n ? -rounded : rounded;
}
