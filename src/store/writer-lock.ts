import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { OperationalError } from '../base/operational-error.ts';

/** The single writer's place on one database, held by an advisory lock. */
export interface WriterLock {
  /** For `checkLock`, in whatever thread. */
  readonly flag: LockFlag;
  /** Resolves with the reason when the connection that holds it is lost; never after `release`. */
  readonly lost: Promise<string>;
  release(): Promise<void>;
}

/** One number that threads share: not 0 where the connection that holds the lock is gone. */
export type LockFlag = Int32Array<SharedArrayBuffer>;

/** Throws OperationalError STORE_LOCK_LOST. */
export function checkLock(flag: LockFlag): void {
  if (Atomics.load(flag, 0) === 0) return;
  throw new OperationalError(
    'STORE_LOCK_LOST',
    'The connection that holds the place of the single writer was lost, so another node may ' +
      'have taken it. Restart this node.',
  );
}

/** Advisory locks are per database, so one number serves every exchange. */
const writerLock = 0x44584c02;
const retryMs = 50;
const connectMsMax = 30_000;

/**
 * Takes the writer's place on a connection of its own. A node that was killed holds it until the
 * server notices, so the attempt is repeated for `waitMs`. Throws OperationalError STORE_LOCKED.
 */
export async function takeWriterLock(url: string, waitMs: number): Promise<WriterLock> {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: connectMsMax,
    application_name: 'data-exchange-ledger writer',
  });
  const flag = new Int32Array(new SharedArrayBuffer(4));
  let released = false;
  const lost = new Promise<string>((resolve) => {
    const lose = (why: string): void => {
      Atomics.store(flag, 0, 1);
      if (!released) resolve(why);
    };
    client.on('error', ({ message }) => lose(message));
    client.on('end', () => lose('the connection ended'));
  });
  await client.connect();
  const givesUpAt = Date.now() + waitMs;
  while (!(await tryLock(client))) {
    if (Date.now() >= givesUpAt) {
      await client.end();
      throw new OperationalError(
        'STORE_LOCKED',
        'Another node holds this ledger. Stop it first; a ledger has one writer.',
      );
    }
    await delay(retryMs);
  }
  return {
    ...{ flag, lost },
    async release() {
      released = true;
      if (Atomics.load(flag, 0) === 0) await client.end();
    },
  };
}

async function tryLock(client: pg.Client): Promise<boolean> {
  // No proxy or setting of the server's may end this session for being idle.
  await client.query('SET idle_session_timeout = 0; SET tcp_keepalives_idle = 10');
  const { rows } = await client.query<{ held: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS held',
    [writerLock],
  );
  return rows[0]?.held === true;
}
