/** How far bytes on their way are: so many of so many, the share, the rate, the time left. */
import type { Progressed } from '../client/content-file/get-file.ts';
import { openProgress, type ProgressOptions } from './progress.ts';

export interface TransferProgress {
  update(done: Progressed): void;
  end(): void;
}

export async function openTransfer(options: ProgressOptions): Promise<TransferProgress> {
  const progress = await openProgress(options);
  const { clock = Date.now } = options;
  let first: { readonly bytes: number; readonly atMs: number } | null = null;
  return {
    update({ bytes, of }) {
      const atMs = clock();
      first ??= { bytes, atMs };
      const rate = rateText(bytes - first.bytes, atMs - first.atMs);
      progress.update(bytes, of, `${bytesText(bytes)} of ${bytesText(of)}${rate}`);
    },
    end: () => progress.end(),
  };
}

const units = ['kB', 'MB', 'GB'] as const;

/** `512 bytes`, `1.2 kB`, `85.3 MB`, `10.0 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${(bytes / 1_000 ** power).toFixed(1)} ${units[power - 1] ?? ''}`;
}

const rateText = (bytes: number, ms: number): string =>
  ms < 1_000 ? '' : `, ${bytesText(Math.round((bytes * 1_000) / ms))}/s`;
