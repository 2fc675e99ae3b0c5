import type { DataSource, QueryRunner } from 'typeorm';
import { assert } from '../base/assert.ts';
import { safeInteger } from './columns.ts';
import type { DecodeLeaf, ProjectionCursor } from './projected-leaf.ts';
import { createProjectionReader, type ProjectionReader } from './projection-reader.ts';
import { insertEvents, upsertRecords, type IndexedLeaf } from './projection-rows.ts';

export interface ProjectorOptions {
  readonly dataSource: DataSource;
  readonly decode: DecodeLeaf;
  /** Told of a subscriber that threw; the projection goes on. */
  readonly onSubscriberError?: (error: unknown) => void;
}

export type AdvanceListener = (cursor: ProjectionCursor) => void;

export interface Projector extends ProjectionReader {
  /**
   * Applies every committed block after the cursor and resolves with where it then stands.
   * Idempotent; simultaneous calls share the work, and a block committed before the call is
   * always applied when it resolves.
   */
  advance(): Promise<ProjectionCursor>;
  /** Calls back after each applied batch, once it is committed. Returns how to stop that. */
  onAdvance(listener: AdvanceListener): () => void;
}

/** Blocks are applied whole, as many as fit in this many leaves, and at least one. */
const leavesPerBatch = 2_000;

interface Step {
  readonly cursor: ProjectionCursor;
  readonly moved: boolean;
}

export function createProjector(options: ProjectorOptions): Projector {
  const { dataSource, decode } = options;
  const listeners = new Set<AdvanceListener>();
  /** Work on the read model, one piece after the other. */
  let tail: Promise<unknown> = Promise.resolve();
  let queued: Promise<ProjectionCursor> | null = null;

  const tell = (cursor: ProjectionCursor): void => {
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
    for (;;) {
      const { cursor, moved } = await applyBatch(dataSource, decode);
      if (!moved) return cursor;
      tell(cursor);
    }
  };

  const afterwards = (work: () => Promise<ProjectionCursor>): Promise<ProjectionCursor> => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };

  return {
    ...createProjectionReader(dataSource),
    advance: () => (queued ??= afterwards(catchUp)),
    onAdvance(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** @param schema of the read models where they are not the ones in use. */
export const applyBatch = (
  dataSource: DataSource,
  decode: DecodeLeaf,
  schema?: string,
): Promise<Step> =>
  dataSource.transaction('READ COMMITTED', async ({ queryRunner }) => {
    assert(queryRunner, 'a transaction has a query runner');
    // The log itself is found behind it.
    if (schema) await queryRunner.query(`SET LOCAL search_path TO ${schema}, public`);
    return applyNext(queryRunner, decode);
  });

/** One batch, within a transaction of the caller's. */
export async function applyNext(runner: QueryRunner, decode: DecodeLeaf): Promise<Step> {
  const cursor = await lockCursor(runner);
  const next = await nextBoundary(runner, cursor);
  if (next === null) return { cursor, moved: false };
  const leaves = await readLeaves(runner, cursor.logIndex, next.logIndex, decode);
  await insertEvents(runner, leaves);
  await upsertRecords(runner, leaves);
  await runner.query('UPDATE projection_cursor SET log_index = $1, height = $2', [
    next.logIndex,
    next.height,
  ]);
  return { cursor: next, moved: true };
}

/** The row lock keeps a second process from applying the same leaves. */
async function lockCursor(runner: QueryRunner): Promise<ProjectionCursor> {
  const { records } = await runner.query(
    'SELECT log_index, height FROM projection_cursor FOR UPDATE',
    [],
    true,
  );
  return cursorOf(records[0]);
}

async function nextBoundary(
  runner: QueryRunner,
  { logIndex, height }: ProjectionCursor,
): Promise<ProjectionCursor | null> {
  const { records } = await runner.query(
    `SELECT log_size AS log_index, height FROM block
     WHERE height = greatest($1::int8 + 1, (
       SELECT max(height) FROM (
         SELECT height, log_size FROM block WHERE height > $1 ORDER BY height LIMIT $3
       ) AS ahead WHERE log_size <= $2::int8 + $3::int8
     ))`,
    [height, logIndex, leavesPerBatch],
    true,
  );
  return records.length === 0 ? null : cursorOf(records[0]);
}

async function readLeaves(
  runner: QueryRunner,
  from: number,
  to: number,
  decode: DecodeLeaf,
): Promise<IndexedLeaf[]> {
  const { records } = await runner.query(
    `SELECT log_index, bytes FROM leaf WHERE log_index >= $1 AND log_index < $2
     ORDER BY log_index`,
    [from, to],
    true,
  );
  assert(records.length === to - from, `the log lacks leaves between ${from} and ${to}`);
  return (records as { log_index: string; bytes: Buffer }[]).flatMap((row) => {
    const logIndex = safeInteger(row.log_index);
    const decoded = decode({ logIndex, bytes: row.bytes });
    return decoded === null ? [] : [{ ...decoded, logIndex }];
  });
}

function cursorOf(row: unknown): ProjectionCursor {
  const { log_index, height } = row as { log_index: string; height: string };
  return { logIndex: safeInteger(log_index), height: safeInteger(height) };
}
