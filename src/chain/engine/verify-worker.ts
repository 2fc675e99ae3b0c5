/** A thread of the verify pool: batches of signature checks in, one byte for each out. */
import { parentPort } from 'node:worker_threads';
import { verifyEd25519 } from '../tx/signature.ts';
import { checksIn } from './verify-batch.ts';

parentPort?.on('message', (packed: Uint8Array) => {
  const found = checksIn(packed).map(({ publicKey, message, signature }) =>
    verifyEd25519(publicKey, message, signature),
  );
  const answer = Uint8Array.from(found, Number);
  parentPort?.postMessage(answer, [answer.buffer]);
});
