import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { assert } from '../base/assert.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { BlockStore, CommittedBlock, Head, StateWrite } from '../chain/engine/ports.ts';
import { createBlockReader } from './block-reader.ts';
import { insertBlock, insertEnvelopes, insertLeaves, writeState } from './block-rows.ts';
import { digestBytes } from './columns.ts';
import { takeWriterLock, type WriterLock } from './writer-lock.ts';

export interface BlockStoreOptions {
  readonly dataSource: DataSource;
  /** Of the same database: the writer's lock has a connection of its own. */
  readonly url: string;
  /** How long to wait for a killed predecessor's connection to end; 3 s unless given. */
  readonly lockWaitMs?: number;
}

export interface OpenBlockStore extends BlockStore {
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
  return {
    ...createBlockReader(dataSource),
    begin: (genesis, head, state) =>
      inTransaction(dataSource, lock, (client) => writeGenesis(client, genesis, head, state)),
    commit: (block, state) =>
      inTransaction(dataSource, lock, (client) => writeBlock(client, block, state)),
    close: () => lock.release(),
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
  await writeState(client, 0, state);
}

async function writeBlock(
  client: ClientBase,
  block: CommittedBlock,
  state: readonly StateWrite[],
): Promise<void> {
  if (!(await insertBlock(client, block))) {
    throw new OperationalError(
      'STORE_FENCED',
      `The ledger is not at height ${block.height - 1}: another writer, or a block out of turn. ` +
        'Restart this node; nothing was written.',
    );
  }
  await insertEnvelopes(client, block);
  await insertLeaves(client, block);
  await writeState(client, block.height, state);
}

async function inTransaction(
  dataSource: DataSource,
  lock: WriterLock,
  body: (client: ClientBase) => Promise<void>,
): Promise<void> {
  lock.check();
  const runner = dataSource.createQueryRunner();
  let committing = false;
  let client: ClientBase | null = null;
  try {
    // The driver's own connection: TypeORM's transactions take three round trips more, and COPY
    // is not among its statements.
    client = (await runner.connect()) as ClientBase;
    // An external server may have been set to acknowledge before its disk does.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on');
    await body(client);
    lock.check();
    committing = true;
    await client.query('COMMIT');
  } catch (cause) {
    await client?.query('ROLLBACK').catch(() => undefined);
    throw wrap(cause, committing);
  } finally {
    await runner.release().catch(() => undefined);
  }
}

function wrap(cause: unknown, committing: boolean): unknown {
  const error = cause as Error;
  if (error.name === 'OperationalError' || error.name === 'InvariantError') return error;
  return committing
    ? new OperationalError(
        'STORE_COMMIT_UNKNOWN',
        `The database went away while committing (${error.message}). Restart this node: the head ` +
          'says whether the block was kept.',
        { cause },
      )
    : new OperationalError(
        'STORE_WRITE',
        `The database refused a write (${error.message}). Nothing was written; see its log and ` +
          'disk, then restart this node.',
        { cause },
      );
}
