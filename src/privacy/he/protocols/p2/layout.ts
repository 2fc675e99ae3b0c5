import type { Preset } from '../../presets.ts';
import type { JobSpec } from './job-spec.ts';

/**
 * Where rows go, from the specification alone: group after group, each group's rows in the order of
 * the column, `polyDegree` rows to a chunk, the last chunk of a group padded with zeros. So a chunk
 * never mixes groups, and its index tells its group.
 */
export interface ChunkPlace {
  /** Position among all chunks of the job. */
  readonly index: number;
  readonly group: number;
  /** Of the group. */
  readonly firstRow: number;
  readonly rows: number;
}

export const recordsPerShard = 64;

/** Chunks that travel to a process together. */
export const chunksPerTask = 16;

export const chunksOfGroup = (preset: Preset, rows: number): number =>
  Math.ceil(rows / preset.polyDegree);

export function layOut(preset: Preset, spec: JobSpec): ChunkPlace[] {
  const places: ChunkPlace[] = [];
  spec.groups.forEach((group, groupIndex) => {
    for (let firstRow = 0; firstRow < group.rows; firstRow += preset.polyDegree) {
      const rows = Math.min(preset.polyDegree, group.rows - firstRow);
      places.push({ index: places.length, group: groupIndex, firstRow, rows });
    }
  });
  return places;
}

/** Consecutive slices of at most `size`. */
export function slices<Item>(items: readonly Item[], size: number): Item[][] {
  const parts: Item[][] = [];
  for (let start = 0; start < items.length; start += size) {
    parts.push(items.slice(start, start + size));
  }
  return parts;
}
