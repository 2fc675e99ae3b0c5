import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { verifyEd25519 } from '../tx/signature.ts';
import { startThread } from './start-thread.ts';
import { packChecks, type Check } from './verify-batch.ts';

/** Checks in one message to a thread. */
const batchMax = 128;

/** Up to here the caller's own thread verifies: handing over costs as much as 16 checks or so. */
const inlineMax = 16;

interface Waiting {
  readonly check: Check;
  readonly settle: (good: boolean) => void;
  good: boolean | null;
}

interface Thread {
  readonly worker: Worker;
  /** Batches that it has and has not answered, oldest first. */
  readonly batches: Waiting[][];
}

/**
 * Verifies Ed25519 signatures on other cores, by the library that the machine itself uses. Threads
 * are started when there is first more to do than one core should; answers come in the order of the
 * questions, so that what a client sends one after another stays in that order.
 */
export class VerifyPool {
  readonly #size: number;
  readonly #threads: Thread[] = [];
  readonly #waiting: Waiting[] = [];
  #batch: Waiting[] = [];
  #closed = false;

  /** @param size threads at most; as many as there are cores but one, unless given. */
  constructor(size = Math.max(1, availableParallelism() - 1)) {
    this.#size = size;
  }

  /** How many threads there are now. */
  get threads(): number {
    return this.#threads.length;
  }

  verify(check: Check): Promise<boolean> {
    return new Promise((settle) => {
      const waiting: Waiting = { check, settle, good: null };
      this.#waiting.push(waiting);
      this.#batch.push(waiting);
      // What comes in the same turn goes together.
      if (this.#batch.length === 1) setImmediate(() => this.#dispatch());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  #dispatch(): void {
    const batch = this.#batch;
    this.#batch = [];
    if (this.#closed || (batch.length <= inlineMax && this.#isIdle())) {
      this.#verifyHere(batch);
      return;
    }
    for (let at = 0; at < batch.length; at += batchMax) {
      this.#send(this.#leastBusy(), batch.slice(at, at + batchMax));
    }
  }

  #isIdle(): boolean {
    return this.#threads.every(({ batches }) => batches.length === 0);
  }

  #verifyHere(batch: readonly Waiting[]): void {
    for (const waiting of batch) {
      const { publicKey, message, signature } = waiting.check;
      waiting.good = verifyEd25519(publicKey, message, signature);
    }
    this.#settle();
  }

  #leastBusy(): Thread {
    let least: Thread | undefined;
    for (const thread of this.#threads) {
      if (!least || thread.batches.length < least.batches.length) least = thread;
    }
    if (!least || (least.batches.length > 0 && this.#threads.length < this.#size)) {
      least = this.#start();
    }
    return least;
  }

  #send(thread: Thread, batch: Waiting[]): void {
    thread.batches.push(batch);
    const packed = packChecks(batch.map(({ check }) => check));
    thread.worker.postMessage(packed, [packed.buffer]);
  }

  #start(): Thread {
    const worker = startThread(new URL('./verify-worker.ts', import.meta.url));
    worker.unref();
    const thread: Thread = { worker, batches: [] };
    this.#threads.push(thread);
    worker.on('message', (answer: Uint8Array) => {
      const batch = thread.batches.shift() ?? [];
      for (const [index, waiting] of batch.entries()) waiting.good = answer[index] === 1;
      this.#settle();
    });
    // A thread that is lost has answered nothing of what it had: that is verified here.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      const at = this.#threads.indexOf(thread);
      if (at >= 0) this.#threads.splice(at, 1);
      for (const batch of thread.batches.splice(0)) this.#verifyHere(batch);
    });
    return thread;
  }

  #settle(): void {
    let done = 0;
    for (const { good, settle } of this.#waiting) {
      if (good === null) break;
      settle(good);
      done += 1;
    }
    this.#waiting.splice(0, done);
  }
}
