import { availableParallelism } from 'node:os';
import { OperationalError } from '../../../base/operational-error.ts';
import type { Outcome } from '../../../base/result.ts';
import { Child, type ChildOptions, type Role } from './child.ts';
import type { EvaluatorTasks, SellerTasks, TaskMap } from './messages.ts';

export interface PoolOptions {
  readonly presetId: string;
  /** Processes at most; one less than the machine's cores unless told. */
  readonly size?: number;
  readonly chunkTimeoutMs?: number;
  readonly startTimeoutMs?: number;
  /**
   * Cap of each WASM heap of a process, in pages of 64 KiB; 4096 (256 MiB) unless told. What reads
   * TypeScript is one of them, and needs 64.
   */
  readonly wasmMemoryPages?: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each chunk. */
  readonly onChunk?: () => void;
}

interface Job {
  readonly start: (child: Child) => Promise<void>;
  readonly cancel: () => void;
}

/**
 * Warm processes of one role and preset, started when first needed and replaced when lost. A lost
 * process rejects its own task with an OperationalError (HE_WORKER_POISONED, HE_WORKER_TIMEOUT,
 * HE_CANCELLED) and no other. The caller closes the pool.
 */
export class WorkerPool<Tasks extends TaskMap<Tasks>> {
  readonly presetId: string;
  readonly size: number;
  residentBytesMax = 0;
  readonly #options: ChildOptions;
  readonly #idle: Child[] = [];
  readonly #busy = new Set<Child>();
  readonly #queue: Job[] = [];
  #closed = false;

  constructor(role: Role, options: PoolOptions) {
    this.presetId = options.presetId;
    this.size = Math.max(1, options.size ?? availableParallelism() - 1);
    this.#options = {
      role,
      presetId: options.presetId,
      chunkTimeoutMs: options.chunkTimeoutMs ?? 10_000,
      startTimeoutMs: options.startTimeoutMs ?? 60_000,
      wasmMemoryPages: options.wasmMemoryPages ?? 4096,
    };
  }

  /** Runs one task; resolves to its value or its refusal. */
  run<Kind extends keyof Tasks & string>(
    kind: Kind,
    input: Tasks[Kind]['input'],
    { signal, onChunk }: RunOptions = {},
  ): Promise<Outcome<Tasks[Kind]['output']>> {
    return new Promise((resolve, reject) => {
      const cancelled = new OperationalError('HE_CANCELLED', `${kind} was cancelled`);
      if (signal?.aborted === true) return reject(cancelled);
      if (this.#closed) return reject(poolClosed());
      const start = async (child: Child): Promise<void> => {
        const onAbort = (): void => child.discard('HE_CANCELLED', `${kind} was cancelled`);
        signal?.removeEventListener('abort', dequeue);
        signal?.addEventListener('abort', onAbort);
        await child.run({ kind, input }, () => onChunk?.()).then(resolve, reject);
        signal?.removeEventListener('abort', onAbort);
      };
      const job: Job = { start, cancel: () => reject(poolClosed()) };
      const dequeue = (): void => {
        this.#queue.splice(this.#queue.indexOf(job), 1);
        reject(cancelled);
      };
      signal?.addEventListener('abort', dequeue);
      this.#queue.push(job);
      this.#dispatch();
    });
  }

  /** Of the processes alive now: for monitoring and for tests that kill one. */
  processIds(): number[] {
    const children = [...this.#idle, ...this.#busy];
    return children.flatMap(({ processId }) => (processId === undefined ? [] : [processId]));
  }

  /** Ends every process; running and waiting tasks are rejected. */
  close(): void {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.cancel();
    for (const child of [...this.#idle, ...this.#busy]) {
      child.discard('HE_CANCELLED', 'the pool was closed');
    }
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const child = this.#takeChild();
      if (child === undefined) return;
      const job = this.#queue.shift();
      if (job === undefined) return;
      this.#busy.add(child);
      void job.start(child).then(() => this.#settle(child));
    }
  }

  #takeChild(): Child | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.dead) return idle;
    }
    return this.#busy.size < this.size ? new Child(this.#options) : undefined;
  }

  #settle(child: Child): void {
    this.#busy.delete(child);
    this.residentBytesMax = Math.max(this.residentBytesMax, child.residentBytes);
    if (!child.dead) this.#idle.push(child);
    if (!this.#closed) this.#dispatch();
  }
}

const poolClosed = (): OperationalError =>
  new OperationalError('HE_CANCELLED', 'the pool of worker processes is closed; open another');

export type SellerPool = WorkerPool<SellerTasks>;
export type EvaluatorPool = WorkerPool<EvaluatorTasks>;

export const openSellerPool = (options: PoolOptions): SellerPool =>
  new WorkerPool<SellerTasks>('seller', options);

export const openEvaluatorPool = (options: PoolOptions): EvaluatorPool =>
  new WorkerPool<EvaluatorTasks>('evaluator', options);
