/** The thread of a WriterThread: writes the blocks that it is given, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { writeBlock } from './block-rows.ts';
import { keepConnection } from './kept-connection.ts';
import type { PackedBlock } from './packed-block.ts';
import { inTransaction } from './transaction.ts';
import type { WriterAnswer, WriterInput } from './writer-thread.ts';

const { url, flag } = (workerData as { input: WriterInput }).input;

const { connect } = keepConnection({ url, applicationName: 'data-exchange-ledger blocks' });

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
