import type { ClientBase } from 'pg';
import { storableJson, storableText } from './columns.ts';
import type { ProjectedLeaf, ProjectedRecord } from './projected-leaf.ts';

export interface IndexedLeaf extends ProjectedLeaf {
  readonly logIndex: number;
  /** The event's body as a jsonb column holds it. */
  readonly bodyJson: string;
}

/** Made ready for its rows. */
export const indexedLeaf = (leaf: ProjectedLeaf, logIndex: number): IndexedLeaf => ({
  ...leaf,
  logIndex,
  bodyJson: storableJson(leaf.event.body),
});

interface PendingRecord {
  readonly record: ProjectedRecord;
  readonly bodyJson: string;
  readonly firstLogIndex: number;
  readonly logIndex: number;
  readonly height: number;
}

export async function insertEvents(client: ClientBase, leaves: IndexedLeaf[]): Promise<void> {
  if (leaves.length === 0) return;
  await client.query(
    `INSERT INTO event
       (log_index, height, stream, name, kind, record_id, envelope_id, at_ms, body)
     SELECT a, b, c, d, e, f, g, h, i::jsonb FROM unnest(
       $1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
       $8::int8[], string_to_array($9, E'\\n')
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
      linesOf(leaves),
    ],
  );
}

/**
 * The last state of each record in the batch wins; where it began is kept for ever. Where its text
 * stays, its search terms do: to compute them is a good part of the row's cost, and ON CONFLICT does
 * it twice.
 */
export async function upsertRecords(client: ClientBase, leaves: IndexedLeaf[]): Promise<void> {
  const pending = [...lastOfEach(leaves).values()];
  if (pending.length === 0) return;
  await client.query(
    `WITH given AS (
       SELECT a, b, c, d, e, f, g::jsonb AS g, h FROM unnest(
         $1::text[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[],
         string_to_array($7, E'\\n'), $8::text[]
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
      linesOf(pending),
      pending.map(({ record }) => storableText(record.searchText)),
    ],
  );
}

function lastOfEach(leaves: readonly IndexedLeaf[]): Map<string, PendingRecord> {
  const pending = new Map<string, PendingRecord>();
  for (const { logIndex, event, record, bodyJson: ofEvent } of leaves) {
    if (record === null) continue;
    const key = `${record.kind}\0${record.id}`;
    const firstLogIndex = pending.get(key)?.firstLogIndex ?? logIndex;
    const bodyJson = record.body === event.body ? ofEvent : storableJson(record.body);
    pending.set(key, { record, bodyJson, firstLogIndex, logIndex, height: event.height });
  }
  return pending;
}

/** Each on a line: JSON holds no line break, and an array would need each of its quotes escaped. */
const linesOf = (rows: readonly { readonly bodyJson: string }[]): string =>
  rows.map(({ bodyJson }) => bodyJson).join('\n');
