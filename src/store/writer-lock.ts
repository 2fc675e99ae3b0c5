import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { OperationalError } from '../base/operational-error.ts';

/** The single writer's place on one database, held by an advisory lock. */
export interface WriterLock {
  /** Throws OperationalError STORE_LOCK_LOST where the connection that holds the lock is gone. */
  check(): void;
  release(): Promise<void>;
}

/** Advisory locks are per database, so one number serves every exchange. */
const writerLock = 0x44584c02;
const retryMs = 50;

/**
 * Takes the writer's place on a connection of its own. A node that was killed holds it until the
 * server notices, so the attempt is repeated for `waitMs`. Throws OperationalError STORE_LOCKED.
 */
export async function takeWriterLock(url: string, waitMs: number): Promise<WriterLock> {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    application_name: 'data-exchange-ledger writer',
  });
  let lost = false;
  client.on('error', () => (lost = true));
  client.on('end', () => (lost = true));
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
    check() {
      if (!lost) return;
      throw new OperationalError(
        'STORE_LOCK_LOST',
        'The connection that holds the place of the single writer was lost, so another node may ' +
          'have taken it. Restart this node.',
      );
    },
    async release() {
      if (!lost) await client.end();
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
