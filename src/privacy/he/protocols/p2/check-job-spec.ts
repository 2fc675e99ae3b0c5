import { fromUtf8, utf8 } from '../../../../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../../../../base/result.ts';
import { hasNoiseMargin } from '../../noise.ts';
import { findPreset, type Preset } from '../../presets.ts';
import { heResults } from '../../results.ts';
import { chunksOfGroup } from './layout.ts';
import type { JobSpec } from './job-spec.ts';

export const jobLimits = {
  groups: 256,
  /** Of all groups together: 16 million rows of `sum-4k`, 132 MB of ciphertext. */
  chunks: 4096,
  /** UTF-8 bytes of any name or id. */
  nameBytes: 256,
  scale: 18,
  /** A cohort of one is a person. */
  cohortMin: 2,
} as const;

/**
 * Everything that can be known before a row is read. A reviewer runs it before approving, the
 * seller before encrypting, the exchange before evaluating. Refuses with HE_PARAMS_NOT_PRESET,
 * HE_CKKS_RELEASE_FORBIDDEN, HE_SPEC_INVALID, HE_COHORT_TOO_SMALL (an empty group too),
 * HE_RANGE_OVERFLOW or HE_NOISE_MARGIN.
 */
export function checkJobSpec(spec: JobSpec): Outcome<Preset> {
  const found = findPreset(spec.presetId, spec.parmsId);
  if (!found.ok) return found;
  const fault = findFault(spec);
  if (fault !== undefined) return refuse(heResults.HE_SPEC_INVALID, fault);
  const small = spec.groups.findIndex(({ rows }) => rows < spec.policy.cohortMin);
  if (small >= 0) {
    const least = spec.policy.cohortMin;
    return refuse(heResults.HE_COHORT_TOO_SMALL, `group ${small} has fewer than ${least} rows`);
  }
  return checkArithmetic(spec, found.value);
}

function findFault(spec: JobSpec): string | undefined {
  const { groups, policy, parties, nonce, scale } = spec;
  const names = [spec.column, spec.groupColumn, spec.licenceId, spec.chainId];
  const ids = [parties.seller, parties.buyer, parties.operator, parties.reviewer];
  const all = [...names, ...ids, ...groups.map(({ label }) => label)];
  if (all.some((name) => name === '')) return 'a name or an id is empty';
  if ([...all, spec.unit].some((name) => fromUtf8(utf8(name)) !== name)) {
    return 'a name or an id is not well-formed Unicode';
  }
  const longest = jobLimits.nameBytes;
  if ([...all, spec.unit].some((name) => utf8(name).length > longest)) {
    return `a name or an id has more than ${longest} bytes`;
  }
  if (!/^[0-9a-f]{64}$/.test(nonce)) return 'the nonce is not 32 bytes';
  if (!isCount(scale) || scale > jobLimits.scale) return `scale ${scale} is not 0 to 18`;
  if (groups.length === 0 || groups.length > jobLimits.groups) {
    return `${groups.length} groups, not 1 to ${jobLimits.groups}`;
  }
  if (new Set(groups.map(({ label }) => label)).size < groups.length) return 'two equal labels';
  if (!groups.every(({ rows }) => isCount(rows))) return 'the rows of a group are not a count';
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  if (rows !== spec.rows) return `the groups have ${rows} rows, not ${spec.rows}`;
  if (!isCount(policy.cohortMin) || policy.cohortMin < jobLimits.cohortMin) {
    return `the smallest cohort is not at least ${jobLimits.cohortMin}`;
  }
  if (policy.roundingUnit < 1n || policy.roundingUnit >= 2n ** 63n) {
    return 'the rounding unit is not between 1 and 2^63';
  }
  return undefined;
}

/**
 * A slot holds the sum of one value of each chunk of the group, so it is chunks × bound that must
 * stay below t/2; the slots are then added as integers without a modulus.
 */
function checkArithmetic(spec: JobSpec, preset: Preset): Outcome<Preset> {
  if (spec.valueBound < 1n || spec.valueBound > preset.valueBoundMax) {
    return refuse(heResults.HE_RANGE_OVERFLOW, `bound not 1 to ${preset.valueBoundMax}`);
  }
  const chunks = spec.groups.map(({ rows }) => chunksOfGroup(preset, rows));
  const all = chunks.reduce((sum, count) => sum + count, 0);
  if (all > jobLimits.chunks) {
    return refuse(heResults.HE_SPEC_INVALID, `${all} chunks, more than ${jobLimits.chunks}`);
  }
  const most = Math.max(...chunks);
  if (2n * spec.valueBound * BigInt(most) >= preset.plainModulus) {
    return refuse(heResults.HE_RANGE_OVERFLOW, `${most} chunks times the bound reach t/2`);
  }
  if (!hasNoiseMargin(preset, most)) {
    return refuse(heResults.HE_NOISE_MARGIN, `${most} chunks in one group`);
  }
  return successWith(preset);
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
