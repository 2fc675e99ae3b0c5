/** The thread of a WriterThread: writes the blocks that it is given, one after another. */
import pg from 'pg';
import { parentPort, workerData } from 'node:worker_threads';
import { writeBlock } from './block-rows.ts';
import type { PackedBlock } from './packed-block.ts';
import { inTransaction } from './transaction.ts';
import type { WriterAnswer, WriterInput } from './writer-thread.ts';

const { url, flag } = (workerData as { input: WriterInput }).input;

let connected: pg.Client | null = null;

/** The connection, or a new one where it was lost since the last block. */
async function connect(): Promise<pg.Client> {
  if (connected) return connected;
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    application_name: 'data-exchange-ledger blocks',
  });
  const forget = (): void => {
    if (connected === client) connected = null;
  };
  client.on('error', forget);
  client.on('end', forget);
  await client.connect();
  return (connected = client);
}

async function write(block: PackedBlock): Promise<WriterAnswer> {
  try {
    await inTransaction(connect, flag, (client) => writeBlock(client, block));
    return null;
  } catch (error) {
    const { code = 'STORE_WRITE', message } = error as { code?: string; message: string };
    return { code, message };
  }
}

let last: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (block: PackedBlock) => {
  last = last.then(async () => parentPort?.postMessage(await write(block)));
});
