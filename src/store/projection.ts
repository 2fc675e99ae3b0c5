import type { DataSource } from 'typeorm';
import { OperationalError } from '../base/operational-error.ts';
import { applyBatch } from './apply-leaves.ts';
import { withPooled } from './pooled.ts';
import type { DecodeLeaf, ProjectionCursor } from './projected-leaf.ts';
import { createProjectionReader, type ProjectionReader } from './projection-reader.ts';

export type AdvanceListener = (cursor: ProjectionCursor) => void;

/** Applies what is committed, tells of each batch, and resolves with where it then stands. */
export type CatchUp = (tell: AdvanceListener) => Promise<ProjectionCursor>;

interface SubscriberOptions {
  /** Told of a subscriber that threw; the projection goes on. */
  readonly onSubscriberError?: (error: unknown) => void;
}

export interface ProjectorOptions extends SubscriberOptions {
  readonly dataSource: DataSource;
  readonly decode: DecodeLeaf;
}

export interface ProjectorParts extends SubscriberOptions {
  /** Where reads of the read models go. */
  readonly dataSource: DataSource;
  readonly catchUp: CatchUp;
  /** Where the read models stand already; 0 unless given. */
  readonly shownHeight?: number;
}

export interface Projector extends ProjectionReader {
  /**
   * Applies every committed block after the cursor and resolves with where it then stands.
   * Idempotent; simultaneous calls share the work, and a block committed before the call is
   * always applied when it resolves. Throws OperationalError PROJECTION_FAILED.
   */
  advance(): Promise<ProjectionCursor>;
  /** Calls back after each applied batch, once it is committed. Returns how to stop that. */
  onAdvance(listener: AdvanceListener): () => void;
  /** Of the newest batch that was told of; from memory. */
  shownHeight(): number;
}

/** Catches up in the caller's own thread, by connections of the pool. */
export function createProjector({ dataSource, decode, ...others }: ProjectorOptions): Projector {
  const catchUp: CatchUp = async (tell) => {
    for (;;) {
      const { cursor, moved } = await withPooled(dataSource, async (connect) =>
        applyBatch(await connect(), decode),
      ).catch((cause: unknown) => {
        throw projectionFailed(cause as Error);
      });
      if (!moved) return cursor;
      tell(cursor);
    }
  };
  return makeProjector({ dataSource, catchUp, ...others });
}

export function makeProjector(options: ProjectorParts): Projector {
  const listeners = new Set<AdvanceListener>();
  /** Work on the read model, one piece after the other. */
  let tail: Promise<unknown> = Promise.resolve();
  let queued: Promise<ProjectionCursor> | null = null;
  let { shownHeight = 0 } = options;

  const tell = (cursor: ProjectionCursor): void => {
    shownHeight = cursor.height;
    for (const listener of listeners) {
      try {
        listener(cursor);
      } catch (error) {
        options.onSubscriberError?.(error);
      }
    }
  };

  const catchUp = async (): Promise<ProjectionCursor> => {
    queued = null; // Whoever asks from here on may mean a block that this run does not see.
    const cursor = await options.catchUp(tell);
    // Where there was nothing to apply, nothing was told.
    shownHeight = cursor.height;
    return cursor;
  };

  const afterwards = (work: () => Promise<ProjectionCursor>): Promise<ProjectionCursor> => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };

  return {
    ...createProjectionReader(options.dataSource),
    advance: () => (queued ??= afterwards(catchUp)),
    onAdvance(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    shownHeight: () => shownHeight,
  };
}

export const projectionFailed = (cause: Error): OperationalError =>
  new OperationalError(
    'PROJECTION_FAILED',
    `The read models could not be brought up to date (${cause.message}). They stay where they are ` +
      'until it succeeds, which a running node tries again; nothing of the ledger is lost. See the ' +
      'database’s log and disk; where a leaf cannot be read, `dxl fsck` names the row.',
    { cause },
  );
