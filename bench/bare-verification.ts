/** What bounds a ledger of signed envelopes: verifying alone, on every core, with nothing else. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
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
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const packed = packChecks(checks);
  const threads = Array.from(
    { length: availableParallelism() },
    () =>
      new Worker(fileURLToPath(import.meta.url), {
        workerData: { packed, seconds } satisfies Task,
        execArgv: ['--import', loader],
      }),
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
  parentPort?.once('message', () => parentPort?.postMessage(measure(workerData as Task)));
  parentPort?.postMessage(0);
}
