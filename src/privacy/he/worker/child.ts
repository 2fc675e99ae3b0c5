import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { OperationalError } from '../../../base/operational-error.ts';
import { refuse, successWith, type Outcome } from '../../../base/result.ts';
import { heResults } from '../results.ts';
import type { ChildMessage, TaskMessage } from './messages.ts';

export type Role = 'seller' | 'evaluator';

export interface ChildOptions {
  readonly role: Role;
  readonly presetId: string;
  /** Longest silence while a task runs: each chunk is reported. */
  readonly chunkTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** Cap of the WASM heap, in pages of 64 KiB. */
  readonly wasmMemoryPages: number;
}

interface Waiting {
  readonly resolve: (outcome: Outcome<object>) => void;
  readonly reject: (error: OperationalError) => void;
  readonly onChunk: () => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One expendable process. It inherits no environment, and its command line names only a role and a
 * preset: keys and data go over IPC. Once it failed, was silent for too long or was killed, it
 * stays `dead` and its task is rejected.
 */
export class Child {
  dead = false;
  residentBytes = 0;
  readonly #options: ChildOptions;
  readonly #process: ChildProcess;
  readonly #ready: Promise<void>;
  #waiting: Waiting | undefined;
  #failure: { readonly code: string; readonly message: string } | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#process = spawnChild(options);
    this.#process.on('message', (message: ChildMessage) => this.#receive(message));
    this.#process.on('error', (error) => this.#bury(error.message));
    this.#process.on('exit', (code, signal) => {
      const why = this.#failure?.message ?? `it ended with ${signal ?? `exit code ${code}`}`;
      this.#bury(why, this.#failure?.code);
    });
    this.#ready = this.#expect(options.startTimeoutMs, () => undefined).then(() => undefined);
    this.#ready.catch(() => undefined);
  }

  get processId(): number | undefined {
    return this.#process.pid;
  }

  async run(task: TaskMessage, onChunk: () => void): Promise<Outcome<object>> {
    await this.#ready;
    const outcome = this.#expect(this.#options.chunkTimeoutMs, onChunk);
    if (!this.dead) {
      this.#process.send(task, (error) => {
        if (error !== null) this.#bury(error.message);
      });
    }
    return outcome;
  }

  /** Ends the process; whatever it was doing is rejected with that code. */
  discard(code: string, message: string): void {
    this.#bury(message, code);
    this.#process.kill('SIGKILL');
  }

  #expect(timeoutMs: number, onChunk: () => void): Promise<Outcome<object>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.discard('HE_WORKER_TIMEOUT', `it was silent for ${timeoutMs} ms`);
      }, timeoutMs);
      this.#waiting = { resolve, reject, onChunk, timer };
      if (this.dead) this.#bury('it had already ended');
    });
  }

  #receive(message: ChildMessage): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (message.type === 'failed') {
      this.#failure = message;
      return;
    }
    if (message.type === 'chunk') {
      waiting.timer.refresh();
      waiting.onChunk();
      return;
    }
    clearTimeout(waiting.timer);
    this.#waiting = undefined;
    if (message.type === 'refused') {
      waiting.resolve(refuse(heResults[message.name], message.detail));
      return;
    }
    if (message.type === 'done') this.residentBytes = message.residentBytes;
    waiting.resolve(successWith(message.type === 'done' ? message.value : {}));
  }

  #bury(why: string, code = 'HE_WORKER_POISONED'): void {
    this.dead = true;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    const { role, presetId } = this.#options;
    const text = `the ${role} process for ${presetId} was lost: ${why}; run the task again`;
    waiting.reject(new OperationalError(code, text));
  }
}

function spawnChild({ role, presetId, wasmMemoryPages }: ChildOptions): ChildProcess {
  const entry = fileURLToPath(new URL(`./${role}-main.ts`, import.meta.url));
  const loader = new URL('../../../strip-types/register.mjs', import.meta.url).href;
  const flags = ['--import', loader, `--wasm-max-mem-pages=${wasmMemoryPages}`];
  return spawn(process.execPath, [...flags, entry, presetId], {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    windowsHide: true,
  });
}
