import type { ClientBase } from 'pg';
import { OperationalError } from '../base/operational-error.ts';
import { copyInto } from './copy-rows.ts';
import type { PackedBlock, PackedState } from './packed-block.ts';

/** A block and all that it changes, inside a transaction of the caller's. Throws STORE_FENCED. */
export async function writeBlock(client: ClientBase, block: PackedBlock): Promise<void> {
  if (!(await insertBlock(client, block))) {
    throw new OperationalError(
      'STORE_FENCED',
      `The ledger is not at height ${block.height - 1}: another writer, or a block out of turn. ` +
        'Restart this node; nothing was written.',
    );
  }
  if (block.envelopes) await copyInto(client, `envelope (${envelopeColumns})`, block.envelopes);
  if (block.leaves) await copyInto(client, 'leaf (log_index, height, bytes)', block.leaves);
  await writeState(client, block.height, block.state);
}

const envelopeColumns =
  'height, position, id, bytes, result_code, failed_operation, detail, log_index';

/** False, and nothing written, where the head is not just below the block. */
async function insertBlock(client: ClientBase, { row, leafCount }: PackedBlock): Promise<boolean> {
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
    values: [...row.map((value) => (typeof value === 'number' ? value : bytea(value))), leafCount],
  });
  return rowCount === 1;
}

/** As the driver takes it. */
const bytea = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Upserts and deletes. */
export async function writeState(
  client: ClientBase,
  height: number,
  { copied, keys, values, deleted }: PackedState,
): Promise<void> {
  if (copied) await copyState(client, height, copied);
  if (keys.length > 0) {
    await client.query({
      name: 'upsert-state',
      text: `INSERT INTO state (key, value, height)
       SELECT row.key, row.value, $1 FROM unnest($2::text[], $3::bytea[]) AS row (key, value)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, height = excluded.height`,
      values: [height, keys, values.map(bytea)],
    });
  }
  if (deleted.length > 0) {
    await client.query({
      name: 'delete-state',
      text: 'DELETE FROM state WHERE key = ANY ($1::text[])',
      values: [deleted],
    });
  }
}

async function copyState(client: ClientBase, height: number, rows: Uint8Array): Promise<void> {
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
