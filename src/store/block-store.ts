import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { assert } from '../base/assert.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { BlockStore, Head, StateWrite } from '../chain/engine/ports.ts';
import { createBlockReader } from './block-reader.ts';
import { writeBlock, writeState } from './block-rows.ts';
import { digestBytes } from './columns.ts';
import { keepConnection } from './kept-connection.ts';
import { packBlock, packState, type PackedBlock } from './packed-block.ts';
import { inTransaction } from './transaction.ts';
import { takeWriterLock } from './writer-lock.ts';
import { WriterThread } from './writer-thread.ts';

export interface BlockStoreOptions {
  readonly dataSource: DataSource;
  /** Of the same database: the writer's lock has a connection of its own. */
  readonly url: string;
  /** How long to wait for a killed predecessor's connection to end; 3 s unless given. */
  readonly lockWaitMs?: number;
}

export interface OpenBlockStore extends BlockStore {
  /**
   * Resolves with the reason when the connection that holds the writer's place is lost: the database
   * went away, or another node may write by now. Nothing can be written from then on.
   */
  readonly lost: Promise<string>;
  /** Gives up the writer's place. The data source stays open: it is the caller's. */
  close(): Promise<void>;
}

/**
 * Blocks on PostgreSQL, for the one node that writes them. Throws OperationalError STORE_LOCKED
 * where another node holds the ledger. Beside the port's own errors, `commit` and `begin` throw
 * STORE_LOCK_LOST, STORE_WRITE (nothing was written) and STORE_COMMIT_UNKNOWN (the connection was
 * lost while committing: read the head before anything else).
 */
export async function openBlockStore(options: BlockStoreOptions): Promise<OpenBlockStore> {
  const { dataSource, url, lockWaitMs = 3_000 } = options;
  const lock = await takeWriterLock(url, lockWaitMs);
  const thread = new WriterThread({ url, flag: lock.flag });
  // Nobody else's: whoever has taken every connection of a pool keeps no block waiting.
  const own = keepConnection({ url, applicationName: 'data-exchange-ledger small blocks' });
  const write = (body: (client: ClientBase) => Promise<void>): Promise<void> =>
    inTransaction(own.connect, lock.flag, body);
  return {
    ...createBlockReader(dataSource),
    lost: lock.lost,
    begin: (genesis, head, state) => write((client) => writeGenesis(client, genesis, head, state)),
    async commit(block, state) {
      const packed = packBlock(block, state);
      if (isLarge(packed)) await thread.write(packed);
      else await write((client) => writeBlock(client, packed));
    },
    async close() {
      await thread.close();
      await own.close();
      await lock.release();
    },
  };
}

async function writeGenesis(
  client: ClientBase,
  genesis: Uint8Array,
  head: Head,
  state: readonly StateWrite[],
): Promise<void> {
  assert(head.height === 0 && head.logSize === 0, 'a ledger begins at height 0 with an empty log');
  const begun = await client.query(
    'INSERT INTO genesis (document) VALUES ($1) ON CONFLICT DO NOTHING',
    [Buffer.from(genesis)],
  );
  if (begun.rowCount === 0) {
    throw new OperationalError(
      'STORE_BEGUN',
      'This database already holds a ledger. Give the new one a database of its own.',
    );
  }
  await client.query(
    'INSERT INTO head (height, time_ms, app_hash, header_hash, log_size) VALUES (0, $1, $2, $3, 0)',
    [
      head.timeMs,
      digestBytes(head.appHash, 'head.appHash'),
      digestBytes(head.headerHash, 'head.headerHash'),
    ],
  );
  await writeState(client, 0, packState(state));
}

/** A block whose writing would have to wait for what else this thread does. */
const isLarge = ({ leafCount }: PackedBlock): boolean => leafCount >= 512;
