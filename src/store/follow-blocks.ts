import type { Projector } from './projection.ts';

export interface FollowOptions {
  readonly engine: {
    /** Called after each block is on disk. Returns the way to unsubscribe. */
    onBlock(listener: () => void): () => void;
  };
  readonly projector: Pick<Projector, 'advance'>;
  readonly onFailure: (error: unknown) => void;
  /** After a failure it is tried again when this has passed, and not at each block before. */
  readonly retryMs?: number;
}

/**
 * The read models advance at once, after each block, and again after a failure, also where no block
 * comes. Returns how to end that, with the last block shown where that succeeds.
 */
export function followBlocks(options: FollowOptions): () => Promise<void> {
  const { engine, projector, onFailure, retryMs = 1_000 } = options;
  let retry: NodeJS.Timeout | null = null;
  let ended = false;

  const advance = async (): Promise<void> => {
    try {
      await projector.advance();
    } catch (error) {
      // Those that were asked together fail together.
      if (retry !== null) return;
      onFailure(error);
      if (!ended) retry = setTimeout(again, retryMs);
    }
  };
  const again = (): void => {
    retry = null;
    void advance();
  };

  const unfollow = engine.onBlock(() => {
    if (retry === null) void advance();
  });
  // What was committed before it followed; and where it is to fail, that is told soon.
  void advance();
  return async () => {
    ended = true;
    unfollow();
    if (retry !== null) clearTimeout(retry);
    retry = null;
    await advance();
  };
}
