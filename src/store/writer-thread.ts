import type { Worker } from 'node:worker_threads';
import { OperationalError } from '../base/operational-error.ts';
import { startThread } from '../chain/engine/start-thread.ts';
import type { PackedBlock } from './packed-block.ts';
import type { LockFlag } from './writer-lock.ts';

/** What the thread is started with. */
export interface WriterInput {
  readonly url: string;
  readonly flag: LockFlag;
}

/** What it answers to each block, in their order: null where the block is on disk. */
export type WriterAnswer = { readonly code: string; readonly message: string } | null;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Writes large blocks on a thread with a connection of its own: COPY takes a dozen round trips, each
 * of which would wait until this thread has executed the next block. Started by the first of them.
 */
export class WriterThread {
  readonly #input: WriterInput;
  #worker: Worker | null = null;
  readonly #waiting: Waiting[] = [];

  constructor(input: WriterInput) {
    this.#input = input;
  }

  /** Resolves after COMMIT; the buffers of the block are given away. Throws as `commit` does. */
  write(block: PackedBlock): Promise<void> {
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    const buffers = [block.envelopes, block.leaves, block.state.copied];
    const given = buffers.flatMap((each) => (each ? [each.buffer as ArrayBuffer] : []));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      worker.postMessage(block, given);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = startThread(new URL('./write-blocks.ts', import.meta.url), this.#input);
    let why = 'it ended';
    worker.on('message', (answer: WriterAnswer) => {
      const waiting = this.#waiting.shift();
      if (this.#waiting.length === 0) worker.unref();
      if (answer) waiting?.reject(new OperationalError(answer.code, answer.message));
      else waiting?.resolve();
    });
    worker.on('error', (error: Error) => (why = error.message));
    worker.on('exit', () => {
      this.#worker = null;
      for (const { reject } of this.#waiting.splice(0)) reject(lost(why));
    });
    return worker;
  }
}

const lost = (why: string): OperationalError =>
  new OperationalError(
    'STORE_COMMIT_UNKNOWN',
    `The thread that writes blocks was lost (${why}). Restart this node: the head says whether the ` +
      'block was kept.',
  );
