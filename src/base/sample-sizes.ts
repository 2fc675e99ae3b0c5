/** M-141: which sample a file needs and may have, by the sizes of the rule pack, from machine version 2 on. */
import { sinceMachineVersion } from './machine-version.ts';
import type { RulePack, SampleSize } from './rules.ts';

/**
 * The sizes that hold, ascending. By machine version 1, and of a pack that lists none, there is one, and
 * every file needs it.
 */
export function sampleSizes({ sample }: RulePack, machineVersion: number): readonly SampleSize[] {
  const { circuitId, rows, kMinimum: k, sizes } = sample;
  const isListed = machineVersion >= sinceMachineVersion.sampleSizes && sizes !== undefined;
  return isListed ? sizes : [{ circuitId, rows, k, fileRowsMin: 0 }];
}

/** The smallest sample that a file of so many rows may have; null where it is too small for any. */
export const neededSize = (sizes: readonly SampleSize[], fileRows: number): SampleSize | null =>
  sizes.findLast(({ fileRowsMin }) => fileRowsMin <= fileRows) ?? null;

/** Of a sample as a listing names it, or null where the pack admits none such. */
export const sizeNamed = (
  sizes: readonly SampleSize[],
  { circuitId, rows }: Pick<SampleSize, 'circuitId' | 'rows'>,
): SampleSize | null =>
  sizes.find((size) => size.circuitId === circuitId && size.rows === rows) ?? null;

export interface SizesFault {
  /** JSON pointer below the pack's `sample`. */
  readonly path: string;
  readonly problem: string;
}

/**
 * What is wrong with the sizes of a pack; null where nothing is. They ascend in all three figures, so that
 * a larger sample than the needed one says more, and each fits into every file that needs it.
 */
export function sizesFault(sample: RulePack['sample']): SizesFault | null {
  const { circuitId, rows, kMinimum, sizes } = sample;
  if (sizes === undefined) return null;
  for (const [index, size] of sizes.entries()) {
    const found = faultAt(sizes, size, index);
    if (found) return { path: `/sizes/${index}/${found[0]}`, problem: found[1] };
  }
  return sizeNamed(sizes, sample)?.k === kMinimum
    ? null
    : { path: '/sizes', problem: `${circuitId}, ${rows} rows, k ${kMinimum}, is not among them` };
}

function faultAt(
  sizes: readonly SampleSize[],
  { circuitId, rows, k, fileRowsMin }: SampleSize,
  index: number,
): readonly [field: keyof SampleSize, problem: string] | null {
  if (k > rows) return ['k', `${k}, of ${rows} rows`];
  if (rows > fileRowsMin) return ['fileRowsMin', `${fileRowsMin}, and the sample has ${rows} rows`];
  if (sizes.findIndex((other) => other.circuitId === circuitId) < index) {
    return ['circuitId', `${circuitId} stands there before`];
  }
  const before = sizes[index - 1];
  if (!before) return null;
  if (rows <= before.rows) return ['rows', `${rows}, after ${before.rows}`];
  if (k < before.k) return ['k', `${k}, after ${before.k}`];
  if (fileRowsMin > before.fileRowsMin) return null;
  return ['fileRowsMin', `${fileRowsMin}, after ${before.fileRowsMin}`];
}
