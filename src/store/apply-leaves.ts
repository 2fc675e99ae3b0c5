import type { ClientBase } from 'pg';
import { assert } from '../base/assert.ts';
import { safeInteger } from './columns.ts';
import type { DecodeLeaf, ProjectionCursor } from './projected-leaf.ts';
import { indexedLeaf, insertEvents, upsertRecords, type IndexedLeaf } from './projection-rows.ts';

/** Blocks are applied whole, as many as fit in this many leaves, and at least one. */
const leavesPerBatch = 2_000;

export interface Step {
  readonly cursor: ProjectionCursor;
  readonly moved: boolean;
}

/**
 * One batch in a transaction of its own.
 * @param schema of the read models where they are not the ones in use.
 */
export async function applyBatch(
  client: ClientBase,
  decode: DecodeLeaf,
  schema?: string,
): Promise<Step> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  try {
    // The log itself is found behind it.
    if (schema) await client.query(`SET LOCAL search_path TO ${schema}, public`);
    const step = await applyNext(client, decode);
    await client.query('COMMIT');
    return step;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** One batch, within a transaction of the caller's. */
export async function applyNext(client: ClientBase, decode: DecodeLeaf): Promise<Step> {
  const cursor = await lockCursor(client);
  const next = await nextBoundary(client, cursor);
  if (next === null) return { cursor, moved: false };
  const leaves = await readLeaves(client, cursor.logIndex, next.logIndex, decode);
  await insertEvents(client, leaves);
  await upsertRecords(client, leaves);
  await client.query('UPDATE projection_cursor SET log_index = $1, height = $2', [
    next.logIndex,
    next.height,
  ]);
  return { cursor: next, moved: true };
}

/** The row lock keeps a second process from applying the same leaves. */
async function lockCursor(client: ClientBase): Promise<ProjectionCursor> {
  const { rows } = await client.query<CursorRow>(
    'SELECT log_index, height FROM projection_cursor FOR UPDATE',
  );
  assert(rows[0], 'the projection has a cursor');
  return cursorOf(rows[0]);
}

async function nextBoundary(
  client: ClientBase,
  { logIndex, height }: ProjectionCursor,
): Promise<ProjectionCursor | null> {
  const { rows } = await client.query<CursorRow>(
    `SELECT log_size AS log_index, height FROM block
     WHERE height = greatest($1::int8 + 1, (
       SELECT max(height) FROM (
         SELECT height, log_size FROM block WHERE height > $1 ORDER BY height LIMIT $3
       ) AS ahead WHERE log_size <= $2::int8 + $3::int8
     ))`,
    [height, logIndex, leavesPerBatch],
  );
  return rows[0] ? cursorOf(rows[0]) : null;
}

async function readLeaves(
  client: ClientBase,
  from: number,
  to: number,
  decode: DecodeLeaf,
): Promise<IndexedLeaf[]> {
  const { rows } = await client.query<{ log_index: string; bytes: Buffer }>(
    `SELECT log_index, bytes FROM leaf WHERE log_index >= $1 AND log_index < $2
     ORDER BY log_index`,
    [from, to],
  );
  assert(rows.length === to - from, `the log lacks leaves between ${from} and ${to}`);
  return rows.flatMap(({ log_index, bytes }) => {
    const logIndex = safeInteger(log_index);
    const decoded = decode({ logIndex, bytes });
    return decoded === null ? [] : [indexedLeaf(decoded, logIndex)];
  });
}

interface CursorRow {
  readonly log_index: string;
  readonly height: string;
}

const cursorOf = ({ log_index, height }: CursorRow): ProjectionCursor => ({
  logIndex: safeInteger(log_index),
  height: safeInteger(height),
});
