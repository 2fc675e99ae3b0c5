import type { ClientBase } from 'pg';
import { assert } from '../base/assert.ts';
import type { CommittedBlock, StateWrite } from '../chain/engine/ports.ts';
import { digestBytes, storableText } from './columns.ts';
import { copyInto, CopyRows } from './copy-rows.ts';

/** One row at most; PostgreSQL itself stops at 1 GB. */
const bytesMax = 64 * 1024 * 1024;

function stored(bytes: Uint8Array, what: string): Buffer {
  assert(bytes.length <= bytesMax, `${what} has ${bytes.length} bytes, more than ${bytesMax}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** False, and nothing written, where the head is not just below the block. */
export async function insertBlock(client: ClientBase, block: CommittedBlock): Promise<boolean> {
  // The fence comes first: its row lock makes a rival wait, and a lost race costs one statement.
  const { rowCount } = await client.query({
    name: 'insert-block',
    text: `WITH moved AS (
       UPDATE head SET height = $1, time_ms = $2, app_hash = $3, header_hash = $4, log_size = $7
       WHERE height = $1::int8 - 1 AND log_size + $8::int8 = $7::int8
       RETURNING 1
     )
     INSERT INTO block SELECT $1::int8, $2::int8, $3::bytea, $4::bytea, $5::bytea, $6::bytea,
       $7::int8 FROM moved`,
    values: [
      block.height,
      block.timeMs,
      digestBytes(block.appHash, 'block.appHash'),
      digestBytes(block.headerHash, 'block.headerHash'),
      stored(block.header, 'a header'),
      stored(block.signature, 'a signature'),
      block.logSize,
      block.leaves.length,
    ],
  });
  return rowCount === 1;
}

const sumOf = (parts: readonly { readonly bytes: Uint8Array }[], each: number): number =>
  parts.reduce((sum, { bytes }) => sum + bytes.length + each, 0);

export async function insertEnvelopes(client: ClientBase, block: CommittedBlock): Promise<void> {
  const { envelopes, height } = block;
  if (envelopes.length === 0) return;
  const rows = new CopyRows(sumOf(envelopes, 128));
  for (const envelope of envelopes) {
    rows.row(8);
    rows.int8(height);
    rows.int4(envelope.position);
    rows.bytes(digestBytes(envelope.id, 'envelope.id'));
    rows.bytes(stored(envelope.bytes, 'an envelope'));
    rows.int4(envelope.resultCode);
    if (envelope.failedOperation === null) rows.null();
    else rows.int4(envelope.failedOperation);
    rows.text(storableText(envelope.detail));
    rows.int8(envelope.logIndex);
  }
  const columns = 'height, position, id, bytes, result_code, failed_operation, detail, log_index';
  await copyInto(client, `envelope (${columns})`, rows);
}

export async function insertLeaves(client: ClientBase, block: CommittedBlock): Promise<void> {
  const { leaves, logSize, height } = block;
  const first = logSize - leaves.length;
  assert(
    leaves.every((leaf, at) => leaf.logIndex === first + at),
    `the leaves of block ${height} are not the log's next ones in order`,
  );
  if (leaves.length === 0) return;
  const rows = new CopyRows(sumOf(leaves, 32));
  for (const leaf of leaves) {
    rows.row(3);
    rows.int8(leaf.logIndex);
    rows.int8(height);
    rows.bytes(stored(leaf.bytes, 'a leaf'));
  }
  await copyInto(client, 'leaf (log_index, height, bytes)', rows);
}

/** From here on the round trips of a table in between cost less than arrays of text. */
const copiedFrom = 256;

/** Upserts and deletes; a key may be written once per block. */
export async function writeState(
  client: ClientBase,
  height: number,
  writes: readonly StateWrite[],
): Promise<void> {
  assert(new Set(writes.map(({ key }) => key)).size === writes.length, 'a state key written twice');
  assert(
    writes.every(({ key }) => storableText(key) === key),
    'a state key holds U+0000 or a lone surrogate',
  );
  const kept = writes.flatMap(({ key, value }) => (value === null ? [] : [{ key, bytes: value }]));
  const deleted = writes.flatMap(({ key, value }) => (value === null ? [key] : []));
  if (kept.length >= copiedFrom) await copyState(client, height, kept);
  else if (kept.length > 0) await upsertState(client, height, kept);
  if (deleted.length > 0) {
    await client.query({
      name: 'delete-state',
      text: 'DELETE FROM state WHERE key = ANY ($1::text[])',
      values: [deleted],
    });
  }
}

interface KeptValue {
  readonly key: string;
  readonly bytes: Uint8Array;
}

async function upsertState(
  client: ClientBase,
  height: number,
  kept: readonly KeptValue[],
): Promise<void> {
  await client.query({
    name: 'upsert-state',
    text: `INSERT INTO state (key, value, height)
     SELECT row.key, row.value, $1 FROM unnest($2::text[], $3::bytea[]) AS row (key, value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, height = excluded.height`,
    values: [
      height,
      kept.map(({ key }) => key),
      kept.map(({ bytes }) => stored(bytes, 'a state value')),
    ],
  });
}

async function copyState(
  client: ClientBase,
  height: number,
  kept: readonly KeptValue[],
): Promise<void> {
  const rows = new CopyRows(sumOf(kept, 96));
  for (const { key, bytes } of kept) {
    rows.row(2);
    rows.text(key);
    rows.bytes(stored(bytes, 'a state value'));
  }
  await client.query(
    'CREATE TEMP TABLE IF NOT EXISTS written (key text COLLATE "C", value bytea) ' +
      'ON COMMIT DELETE ROWS',
  );
  await copyInto(client, 'written', rows);
  await client.query({
    name: 'merge-state',
    text: `INSERT INTO state (key, value, height) SELECT key, value, $1 FROM written
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, height = excluded.height`,
    values: [height],
  });
}
