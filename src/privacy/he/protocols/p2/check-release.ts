import { decodeCbor } from '../../../../base/cbor.ts';
import { equalBytes, fromHex, type Hex } from '../../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import { heResults } from '../../results.ts';
import type { JobSpec } from './job-spec.ts';
import { encodeRelease, releaseDigest, type GroupTotal } from './release.ts';

export interface CheckReleaseInput {
  readonly spec: JobSpec;
  readonly release: Uint8Array;
  readonly salt: Hex;
  /** As recorded on the ledger. */
  readonly recordedResultDigest: Hex;
  readonly recordedReleaseDigest: Hex;
}

/**
 * Buyer and reviewer: the release is the recorded one, of this job, of these result ciphertexts,
 * kept the output policy, and is possible under the declared bound. That the totals are what the
 * ciphertexts hold cannot be seen from outside. Needs no key and no library of ours for SEAL.
 * Refuses with HE_DIGEST_MISMATCH or HE_RELEASE_INVALID.
 */
export function checkRelease(input: CheckReleaseInput): Outcome<readonly GroupTotal[]> {
  const { spec, release, salt, recordedResultDigest, recordedReleaseDigest } = input;
  if (!/^[0-9a-f]{64}$/.test(salt)) {
    return refuse(heResults.HE_RELEASE_INVALID, 'the salt is not 32 bytes');
  }
  if (releaseDigest(fromHex(salt), release) !== recordedReleaseDigest) {
    return refuse(heResults.HE_DIGEST_MISMATCH, `recorded is ${recordedReleaseDigest}`);
  }
  const totals = readTotals(spec, release);
  if (totals === undefined) return refuse(heResults.HE_RELEASE_INVALID, 'no total for each group');
  if (!equalBytes(encodeRelease(spec, recordedResultDigest, totals), release)) {
    return refuse(heResults.HE_RELEASE_INVALID, 'of another job or of other results');
  }
  const { roundingUnit, cohortMin } = spec.policy;
  for (const [index, { rows, total }] of totals.entries()) {
    const possible = spec.valueBound * BigInt(rows) + roundingUnit / 2n;
    const kept = rows >= cohortMin && total % roundingUnit === 0n;
    if (!kept || total > possible || total < -possible) {
      return refuse(heResults.HE_RELEASE_INVALID, `group ${index} breaks policy or bound`);
    }
  }
  return successWith(totals);
}

function readTotals(spec: JobSpec, release: Uint8Array): GroupTotal[] | undefined {
  let fields: unknown;
  try {
    fields = decodeCbor(release);
  } catch {
    return undefined;
  }
  const values: unknown = Array.isArray(fields) ? fields[3] : undefined;
  if (!Array.isArray(values) || values.length !== spec.groups.length) return undefined;
  if (!values.every((value) => typeof value === 'bigint')) return undefined;
  return spec.groups.map((group, index) => ({ ...group, total: values[index] ?? 0n }));
}
