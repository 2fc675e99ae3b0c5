import type { RunOptions } from '../../worker/pool.ts';

/** How a caller follows and stops a long verb. */
export interface Following {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborting ends the processes at work and rejects with OperationalError HE_CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

export interface Progress {
  readonly chunksDone: number;
  readonly chunksTotal: number;
}

/** Options for the tasks of one verb: they count together. */
export function followChunks(
  { onProgress, signal }: Following,
  chunksTotal: number,
  alreadyDone = 0,
): RunOptions {
  let chunksDone = alreadyDone;
  const onChunk = (): void => {
    chunksDone += 1;
    onProgress?.({ chunksDone, chunksTotal });
  };
  return { signal, onChunk };
}
