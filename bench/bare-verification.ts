/** What bounds a ledger of signed envelopes: verifying alone, on every core, with nothing else. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, workerData, type Worker } from 'node:worker_threads';
import { startThread } from '../src/chain/engine/start-thread.ts';
import { checksIn, packChecks, type Check } from '../src/chain/engine/verify-batch.ts';
import { verifyEd25519 } from '../src/chain/tx/signature.ts';
import { cpuSecondsOf } from './proc-stat.ts';

interface Task {
  readonly packed: Uint8Array;
  readonly seconds: number;
}

export interface BareVerification {
  /** Of all cores together, each in a thread of its own. */
  readonly perSecond: number;
  /** Time of a core for one, whoever else uses the machine. */
  readonly cpuMs: number;
}

export const bareVerifications = async (
  checks: readonly Check[],
  seconds: number,
): Promise<number> => (await bareVerification(checks, seconds)).perSecond;

export async function bareVerification(
  checks: readonly Check[],
  seconds: number,
): Promise<BareVerification> {
  const packed = packChecks(checks);
  const threads = Array.from({ length: availableParallelism() }, () =>
    startThread(new URL(import.meta.url), { packed, seconds } satisfies Task),
  );
  // All begin together: those that are ready wait for the last.
  await Promise.all(threads.map((thread) => once(thread)));
  const measured = threads.map((thread) => once(thread));
  for (const thread of threads) thread.postMessage('go');
  const found = await Promise.all(measured);
  await Promise.all(threads.map((thread) => thread.terminate()));
  const sumOf = (pick: (one: Measured) => number): number =>
    found.reduce((sum, one) => sum + pick(one), 0);
  return {
    perSecond: sumOf(({ done, seconds: taken }) => done / taken),
    cpuMs: (sumOf(({ cpuSeconds }) => cpuSeconds) * 1_000) / sumOf(({ done }) => done),
  };
}

/** Of one thread. */
interface Measured {
  readonly done: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const once = (thread: Worker): Promise<Measured> =>
  new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });

function measure({ packed, seconds }: Task): Measured {
  const checks = checksIn(packed);
  const cpuBefore = ownCpuSeconds();
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < seconds * 1_000) {
    for (const { publicKey, message, signature } of checks) {
      if (!verifyEd25519(publicKey, message, signature)) throw new Error('a bad signature');
    }
    done += checks.length;
  }
  const taken = (performance.now() - start) / 1_000;
  const cpuAfter = ownCpuSeconds();
  const cpuSeconds = cpuBefore === null || cpuAfter === null ? taken : cpuAfter - cpuBefore;
  return { done, seconds: taken, cpuSeconds };
}

/** Of this thread; null where there is no /proc. */
function ownCpuSeconds(): number | null {
  try {
    return cpuSecondsOf(readFileSync('/proc/thread-self/stat', 'utf8'));
  } catch {
    return null;
  }
}

if (!isMainThread) {
  parentPort?.once('message', () =>
    parentPort?.postMessage(measure((workerData as { input: Task }).input)),
  );
  parentPort?.postMessage(0);
}
