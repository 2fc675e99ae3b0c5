import { Worker } from 'node:worker_threads';

/** A thread that runs a TypeScript module; it finds `input` in its workerData. */
export const startThread = (module: URL, input?: unknown): Worker =>
  new Worker(new URL('./thread.mjs', import.meta.url), {
    workerData: { module: module.href, input },
    execArgv: [],
  });
