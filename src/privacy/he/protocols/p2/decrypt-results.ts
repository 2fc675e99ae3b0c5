import { randomBytes } from 'node:crypto';
import { assert } from '../../../../base/assert.ts';
import { toHex, type Hex } from '../../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import type { Preset } from '../../presets.ts';
import { heResults } from '../../results.ts';
import type { SellerPool } from '../../worker/pool.ts';
import { checkJobSpec } from './check-job-spec.ts';
import { checkKeyOfJob, type JobKey } from './job-key.ts';
import type { JobGroup, JobSpec } from './job-spec.ts';
import { chunksOfGroup } from './layout.ts';
import { encodeRelease, releaseDigest, roundTotal, type GroupTotal } from './release.ts';
import { resultDigest } from './result-digest.ts';

export interface DecryptInput {
  readonly spec: JobSpec;
  readonly key: JobKey;
  readonly results: readonly Uint8Array[];
  /** The result digest on the ledger, on which the workers agreed. */
  readonly recordedDigest: Hex;
  readonly pool: SellerPool;
  readonly signal?: AbortSignal | undefined;
}

export interface Release {
  readonly totals: readonly GroupTotal[];
  /** Canonical bytes, for the reviewer and then the buyer. */
  readonly release: Uint8Array;
  readonly salt: Hex;
  /** For the ledger. */
  readonly digest: Hex;
}

/**
 * The seller decrypts the recorded results and makes the release. Only these bytes: a key holder
 * who decrypts whatever is sent answers chosen questions about the column. The caller hands the
 * release out after the reviewer has signed its digest.
 * Refuses with HE_DIGEST_MISMATCH, HE_KEY_REUSED, HE_NOISE_MARGIN (another key, or ciphertexts that
 * no honest evaluation gives), an HE_CT_ code, or as `checkJobSpec` does (smallest cohort).
 */
export async function decryptResults(input: DecryptInput): Promise<Outcome<Release>> {
  const { spec, key, results, recordedDigest, pool, signal } = input;
  const checked = checkJobSpec(spec);
  if (!checked.ok) return checked;
  if (resultDigest(results) !== recordedDigest || results.length !== spec.groups.length) {
    return refuse(heResults.HE_DIGEST_MISMATCH, `recorded is ${recordedDigest}`);
  }
  const ofJob = checkKeyOfJob(key, spec);
  if (!ofJob.ok) return ofJob;
  const totals: GroupTotal[] = [];
  for (const [index, group] of spec.groups.entries()) {
    const ciphertext = results[index];
    assert(ciphertext !== undefined, 'there is a result for each group');
    const secretKey = key.exposeSecret();
    const decrypted = await pool.run('decrypt', { secretKey, ciphertext }, { signal });
    if (!decrypted.ok) return decrypted;
    const total = addSlots(checked.value, spec, group, decrypted.value.slots);
    if (!total.ok) return total;
    const rounded = roundTotal(total.value, spec.policy.roundingUnit);
    totals.push({ ...group, total: rounded });
  }
  const release = encodeRelease(spec, recordedDigest, totals);
  const salt = new Uint8Array(randomBytes(32));
  return successWith({ totals, release, salt: toHex(salt), digest: releaseDigest(salt, release) });
}

/**
 * Exact sum of the slots. Each holds at most one value of each chunk, and padding holds none: what
 * is outside is not the sum of this column, and is not released.
 */
function addSlots(
  preset: Preset,
  spec: JobSpec,
  group: JobGroup,
  slots: BigInt64Array,
): Outcome<bigint> {
  const chunks = chunksOfGroup(preset, group.rows);
  const lastRows = group.rows - (chunks - 1) * preset.polyDegree;
  let total = 0n;
  for (const [slot, sum] of slots.entries()) {
    const most = spec.valueBound * BigInt(slot < lastRows ? chunks : chunks - 1);
    if (sum > most || sum < -most) {
      return refuse(heResults.HE_RANGE_OVERFLOW, `slot ${slot} is not a sum of this column`);
    }
    total += sum;
  }
  return successWith(total);
}
