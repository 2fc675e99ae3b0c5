/** What bounds a ledger of signed envelopes: verifying alone, on every core, with nothing else. */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, workerData, type Worker } from 'node:worker_threads';
import { startThread } from '../src/chain/engine/start-thread.ts';
import { checksIn, packChecks, type Check } from '../src/chain/engine/verify-batch.ts';
import { verifyEd25519 } from '../src/chain/tx/signature.ts';

interface Task {
  readonly packed: Uint8Array;
  readonly seconds: number;
}

/** Verifications per second of all cores together, each in a thread of its own. */
export async function bareVerifications(
  checks: readonly Check[],
  seconds: number,
): Promise<number> {
  const packed = packChecks(checks);
  const threads = Array.from({ length: availableParallelism() }, () =>
    startThread(new URL(import.meta.url), { packed, seconds } satisfies Task),
  );
  // All begin together: those that are ready wait for the last.
  await Promise.all(threads.map((thread) => once(thread)));
  const rates = threads.map((thread) => once(thread));
  for (const thread of threads) thread.postMessage('go');
  const found = await Promise.all(rates);
  await Promise.all(threads.map((thread) => thread.terminate()));
  return found.reduce((sum, rate) => sum + rate, 0);
}

const once = (thread: Worker): Promise<number> =>
  new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });

function measure({ packed, seconds }: Task): number {
  const checks = checksIn(packed);
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < seconds * 1_000) {
    for (const { publicKey, message, signature } of checks) {
      if (!verifyEd25519(publicKey, message, signature)) throw new Error('a bad signature');
    }
    done += checks.length;
  }
  return done / ((performance.now() - start) / 1_000);
}

if (!isMainThread) {
  parentPort?.once('message', () =>
    parentPort?.postMessage(measure((workerData as { input: Task }).input)),
  );
  parentPort?.postMessage(0);
}
