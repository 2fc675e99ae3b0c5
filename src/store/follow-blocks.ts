import type { Projector } from './projection.ts';

export interface FollowOptions {
  readonly engine: {
    status(): { readonly height: number };
    /** Called after each block is on disk. Returns the way to unsubscribe. */
    onBlock(listener: () => void): () => void;
  };
  readonly projector: Pick<Projector, 'advance' | 'readCursor'>;
  readonly onFailure: (error: unknown) => void;
  /** After a failure it is tried again when this has passed, and not at each block before. */
  readonly retryMs?: number;
}

/**
 * Resolves when the read models show every block that the engine has; throws what `advance` throws
 * where they cannot be brought there. From then on they advance after each block, and again after a
 * failure, also where no block comes. Gives how to end that, with the last block shown where that
 * succeeds.
 */
export async function followBlocks(options: FollowOptions): Promise<() => Promise<void>> {
  const { engine, projector, onFailure, retryMs = 1_000 } = options;
  // Where nothing is to be done, nobody waits for a thread that has to start first.
  const behind = (await projector.readCursor()).height < engine.status().height;
  if (behind) await projector.advance();
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
  // What has been committed meanwhile; and where it is to fail, that is told soon.
  void advance();
  return async () => {
    ended = true;
    unfollow();
    if (retry !== null) clearTimeout(retry);
    retry = null;
    await advance();
  };
}
