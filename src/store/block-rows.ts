import type { QueryRunner } from 'typeorm';
import { assert } from '../base/assert.ts';
import type { CommittedBlock, StateWrite } from '../chain/engine/ports.ts';
import { digestBytes, storableText } from './columns.ts';

/** One row at most; PostgreSQL itself stops at 1 GB. */
const bytesMax = 64 * 1024 * 1024;

function stored(bytes: Uint8Array, what: string): Buffer {
  assert(bytes.length <= bytesMax, `${what} has ${bytes.length} bytes, more than ${bytesMax}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** False where the head is not just below the block. */
export async function moveHead(runner: QueryRunner, block: CommittedBlock): Promise<boolean> {
  const moved = await runner.query(
    `UPDATE head SET height = $1, time_ms = $2, app_hash = $3, header_hash = $4, log_size = $5
     WHERE height = $1::int8 - 1 AND log_size + $6::int8 = $5::int8`,
    [
      block.height,
      block.timeMs,
      digestBytes(block.appHash, 'block.appHash'),
      digestBytes(block.headerHash, 'block.headerHash'),
      block.logSize,
      block.leaves.length,
    ],
    true,
  );
  return moved.affected === 1;
}

export async function insertBlock(runner: QueryRunner, block: CommittedBlock): Promise<void> {
  await runner.query('INSERT INTO block VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    block.height,
    block.timeMs,
    digestBytes(block.appHash, 'block.appHash'),
    digestBytes(block.headerHash, 'block.headerHash'),
    stored(block.header, 'a header'),
    stored(block.signature, 'a signature'),
    block.logSize,
  ]);
}

export async function insertEnvelopes(runner: QueryRunner, block: CommittedBlock): Promise<void> {
  const { envelopes } = block;
  if (envelopes.length === 0) return;
  await runner.query(
    `INSERT INTO envelope
       (height, position, id, bytes, result_code, failed_operation, detail, log_index)
     SELECT $1, row.* FROM unnest(
       $2::int4[], $3::bytea[], $4::bytea[], $5::int4[], $6::int4[], $7::text[], $8::int8[]
     ) AS row`,
    [
      block.height,
      envelopes.map((envelope) => envelope.position),
      envelopes.map((envelope) => digestBytes(envelope.id, 'envelope.id')),
      envelopes.map((envelope) => stored(envelope.bytes, 'an envelope')),
      envelopes.map((envelope) => envelope.resultCode),
      envelopes.map((envelope) => envelope.failedOperation),
      envelopes.map((envelope) => storableText(envelope.detail)),
      envelopes.map((envelope) => envelope.logIndex),
    ],
  );
}

export async function insertLeaves(runner: QueryRunner, block: CommittedBlock): Promise<void> {
  const { leaves, logSize, height } = block;
  const first = logSize - leaves.length;
  assert(
    leaves.every((leaf, at) => leaf.logIndex === first + at),
    `the leaves of block ${height} are not the log's next ones in order`,
  );
  if (leaves.length === 0) return;
  await runner.query(
    `INSERT INTO leaf (log_index, height, bytes)
     SELECT row.log_index, $1, row.bytes
     FROM unnest($2::int8[], $3::bytea[]) AS row (log_index, bytes)`,
    [
      height,
      leaves.map((leaf) => leaf.logIndex),
      leaves.map((leaf) => stored(leaf.bytes, 'a leaf')),
    ],
  );
}

/** Upserts and deletes; a key may be written once per block. */
export async function writeState(
  runner: QueryRunner,
  height: number,
  writes: readonly StateWrite[],
): Promise<void> {
  assert(new Set(writes.map(({ key }) => key)).size === writes.length, 'a state key written twice');
  assert(
    writes.every(({ key }) => storableText(key) === key),
    'a state key holds U+0000 or a lone surrogate',
  );
  const kept = writes.flatMap(({ key, value }) => (value === null ? [] : [{ key, value }]));
  const deleted = writes.flatMap(({ key, value }) => (value === null ? [key] : []));
  if (kept.length > 0) {
    await runner.query(
      `INSERT INTO state (key, value, height)
       SELECT row.key, row.value, $1 FROM unnest($2::text[], $3::bytea[]) AS row (key, value)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, height = excluded.height`,
      [height, kept.map(({ key }) => key), kept.map(({ value }) => stored(value, 'a state value'))],
    );
  }
  if (deleted.length > 0) {
    await runner.query('DELETE FROM state WHERE key = ANY ($1::text[])', [deleted]);
  }
}
