import type { QueryRunner } from 'typeorm';
import { storableJson, storableText } from './columns.ts';
import type { ProjectedLeaf, ProjectedRecord } from './projected-leaf.ts';

export interface IndexedLeaf extends ProjectedLeaf {
  readonly logIndex: number;
}

interface PendingRecord {
  readonly record: ProjectedRecord;
  readonly firstLogIndex: number;
  readonly logIndex: number;
  readonly height: number;
}

export async function insertEvents(runner: QueryRunner, leaves: IndexedLeaf[]): Promise<void> {
  if (leaves.length === 0) return;
  await runner.query(
    `INSERT INTO event
       (log_index, height, stream, name, kind, record_id, envelope_id, at_ms, body)
     SELECT a, b, c, d, e, f, g, h, i::jsonb FROM unnest(
       $1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
       $8::int8[], $9::text[]
     ) AS row (a, b, c, d, e, f, g, h, i)`,
    [
      leaves.map(({ logIndex }) => logIndex),
      leaves.map(({ event }) => event.height),
      leaves.map(({ event }) => storableText(event.stream)),
      leaves.map(({ event }) => storableText(event.name)),
      leaves.map(({ event }) => storableText(event.kind)),
      leaves.map(({ event }) => storableText(event.recordId)),
      leaves.map(({ event }) => event.envelopeId),
      leaves.map(({ event }) => event.timeMs),
      leaves.map(({ event }) => storableJson(event.body)),
    ],
  );
}

/**
 * The last state of each record in the batch wins; where it began is kept for ever. Where its text
 * stays, its search terms do: to compute them takes several times as long as all else of the row, and
 * ON CONFLICT does it twice.
 */
export async function upsertRecords(runner: QueryRunner, leaves: IndexedLeaf[]): Promise<void> {
  const pending = [...lastOfEach(leaves).values()];
  if (pending.length === 0) return;
  await runner.query(
    `WITH given AS (
       SELECT a, b, c, d, e, f, g::jsonb AS g, h FROM unnest(
         $1::text[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::text[],
         $8::text[]
       ) AS row (a, b, c, d, e, f, g, h)
     ), changed AS (
       UPDATE record SET log_index = d, height = e, status = f, body = g
       FROM given WHERE kind = a AND id = b AND search_text = h
       RETURNING kind, id
     )
     INSERT INTO record (kind, id, first_log_index, log_index, height, status, body, search_text)
     SELECT * FROM given WHERE NOT EXISTS (SELECT FROM changed WHERE kind = a AND id = b)
     ON CONFLICT (kind, id) DO UPDATE
       SET log_index = excluded.log_index, height = excluded.height, status = excluded.status,
           body = excluded.body, search_text = excluded.search_text`,
    [
      pending.map(({ record }) => storableText(record.kind)),
      pending.map(({ record }) => storableText(record.id)),
      pending.map(({ firstLogIndex }) => firstLogIndex),
      pending.map(({ logIndex }) => logIndex),
      pending.map(({ height }) => height),
      pending.map(({ record }) => record.status),
      pending.map(({ record }) => storableJson(record.body)),
      pending.map(({ record }) => storableText(record.searchText)),
    ],
  );
}

function lastOfEach(leaves: readonly IndexedLeaf[]): Map<string, PendingRecord> {
  const pending = new Map<string, PendingRecord>();
  for (const { logIndex, event, record } of leaves) {
    if (record === null) continue;
    const key = `${record.kind}\0${record.id}`;
    const firstLogIndex = pending.get(key)?.firstLogIndex ?? logIndex;
    pending.set(key, { record, firstLogIndex, logIndex, height: event.height });
  }
  return pending;
}
