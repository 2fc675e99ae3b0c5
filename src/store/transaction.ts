import type { ClientBase } from 'pg';
import { OperationalError } from '../base/operational-error.ts';
import { checkLock, type LockFlag } from './writer-lock.ts';

/**
 * All of `body` or nothing, durable when it resolves, and only while the writer's lock is held.
 * Throws what `openBlockStore` says of `commit`.
 */
export async function inTransaction(
  connect: () => Promise<ClientBase>,
  flag: LockFlag,
  body: (client: ClientBase) => Promise<void>,
): Promise<void> {
  checkLock(flag);
  let committing = false;
  let client: ClientBase | null = null;
  try {
    client = await connect();
    // An external server may have been set to acknowledge before its disk does.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on');
    await body(client);
    checkLock(flag);
    committing = true;
    const { command } = await client.query('COMMIT');
    // What the server and the driver call a success, of a transaction in which a statement failed.
    if (command !== 'COMMIT') throw rolledBack(command);
  } catch (cause) {
    await client?.query('ROLLBACK').catch(() => undefined);
    throw wrap(cause, committing);
  }
}

const rolledBack = (command: string): OperationalError =>
  new OperationalError(
    'STORE_WRITE',
    `The database answered COMMIT with ${command}: a statement before it had failed. Nothing was ` +
      'written; see its log, then restart this node.',
  );

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
