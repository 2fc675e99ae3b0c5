import { refuse, success, type Outcome } from '../../base/result.ts';
import type { Ledger } from '../../base/room.ts';
import { sinceMachineVersion } from '../../base/machine-version.ts';
import { jobResults } from './results.ts';
import type { JobSpecFacts } from './schema.ts';

/** What the machine knows of a preset of `privacy/he`, which a test holds to the same figures. */
export interface PresetBounds {
  readonly id: string;
  /** Rows of a chunk. */
  readonly slots: number;
  readonly valueBoundMax: number;
  readonly plainModulus: bigint;
}

/** Chunks of all groups together, as workers take them. */
export const chunksMax = 4096;

export const presetBounds: readonly PresetBounds[] = [
  { id: 'sum-4k', slots: 4096, valueBoundMax: 2 ** 30, plainModulus: 549_755_904_001n },
];

/**
 * From machine version 2 on: that workers can compute it at all. They know how many rows each group has, the
 * ledger only all of them together: it refuses what they would refuse however the rows are spread.
 */
export function checkComputable(
  ledger: Pick<Ledger, 'machineVersion'>,
  { presetId, valueBound, rows, groups }: JobSpecFacts,
): Outcome {
  if (ledger.machineVersion < sinceMachineVersion.computeBounds) return success;
  const preset = presetBounds.find(({ id }) => id === presetId);
  if (!preset) {
    const known = presetBounds.map(({ id }) => id).join(', ');
    return refuse(jobResults.JOB_PRESET_UNKNOWN, `/spec/presetId: ${presetId}; there is ${known}.`);
  }
  const fault = findFault(preset, { valueBound, rows, groups });
  return fault === null ? success : refuse(jobResults.JOB_BOUNDS_TOO_LARGE, fault);
}

function findFault(
  { id, slots, valueBoundMax, plainModulus }: PresetBounds,
  { valueBound, rows, groups }: Pick<JobSpecFacts, 'valueBound' | 'rows' | 'groups'>,
): string | null {
  if (valueBound > valueBoundMax) {
    return `/spec/valueBound: ${valueBound}; ${id} holds ${valueBoundMax}.`;
  }
  const chunks = Math.ceil(rows / slots);
  if (chunks > chunksMax) {
    return `/spec/rows: ${rows} are ${chunks} chunks of ${id}; ${chunksMax} may be.`;
  }
  // One group at least has as many as this, and a slot holds the sum of one value of each of its chunks.
  const most = Math.ceil(Math.ceil(rows / groups) / slots);
  if (2n * BigInt(valueBound) * BigInt(most) < plainModulus) return null;
  return `/spec/valueBound: ${valueBound} in ${most} chunks of one group reach half of ${plainModulus}.`;
}
