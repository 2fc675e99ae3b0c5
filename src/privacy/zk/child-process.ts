import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { OperationalError } from '../../base/operational-error.ts';

/** What runs TypeScript in the child, whatever the working directory. */
const loader = new URL('../../strip-types/register.mjs', import.meta.url).href;

export interface ChildJob<Progress> {
  /** The module to run; it calls serveJob. */
  readonly module: URL;
  /** Structured-clonable. It travels over IPC: never in the arguments, the environment or a file. */
  readonly job: unknown;
  readonly onProgress: (progress: Progress) => void;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

type ChildMessage =
  | { readonly kind: 'progress'; readonly progress: unknown }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/**
 * Runs a job in a process of its own and waits until that process is gone. What the process prints
 * is discarded, since a library may print inputs. Throws OperationalError: the job's own code, or
 * ZK_CHILD_ABORTED, ZK_CHILD_TIMEOUT, ZK_CHILD_DIED.
 *
 * Worker threads will not do: ffjavascript's own worker pool fails inside them.
 */
export async function runChildJob<Progress, Value>(request: ChildJob<Progress>): Promise<Value> {
  if (request.signal?.aborted === true) throw aborted(request.signal);
  const child = fork(fileURLToPath(request.module), [], {
    execArgv: ['--import', loader],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    return (await conversation(child, request)) as Value;
  } finally {
    await gone(child);
  }
}

function conversation<Progress>(
  child: ChildProcess,
  request: ChildJob<Progress>,
): Promise<unknown> {
  const { signal, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    const fail = (code: string, message: string, cause?: unknown): void =>
      settle(() => reject(new OperationalError(code, message, { cause })));
    const onAbort = (): void => settle(() => reject(aborted(signal)));
    const timer = setTimeout(() => {
      fail('ZK_CHILD_TIMEOUT', `The job took over ${timeoutMs} ms: allow more, or free the CPU.`);
    }, timeoutMs);
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    child.on('message', (message) => {
      const told = message as ChildMessage;
      if (told.kind === 'progress') request.onProgress(told.progress as Progress);
      else if (told.kind === 'failed') fail(told.code, told.message);
      else settle(() => resolve(told.value));
    });
    child.once('error', (cause) => {
      fail('ZK_CHILD_DIED', 'The job’s process could not be started: check memory limits.', cause);
    });
    child.once('exit', (code, killedBy) => {
      const how = killedBy ?? `exit code ${code}`;
      fail('ZK_CHILD_DIED', `The job’s process ended early (${how}): check free memory.`);
    });
    child.send(request.job as object);
  });
}

const aborted = (signal: AbortSignal | undefined): OperationalError =>
  new OperationalError(
    'ZK_CHILD_ABORTED',
    'The job was cancelled: start it again if it is wanted.',
    {
      cause: signal?.reason,
    },
  );

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** A failure that the parent rethrows as an OperationalError of this code. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The child's side: runs the one job it is sent. Of an unexpected error only the class name is
 * reported, for its message may quote an input. The process ends when its parent does.
 */
export function serveJob<Job, Progress>(
  run: (job: Job, onProgress: (progress: Progress) => void) => Promise<unknown>,
): void {
  const tell = (message: ChildMessage): void => void process.send?.(message);
  process.once('disconnect', () => process.exit(1));
  process.once('message', (job) => {
    run(job as Job, (progress) => tell({ kind: 'progress', progress })).then(
      (value) => tell({ kind: 'done', value }),
      (error: unknown) => tell(describeFailure(error)),
    );
  });
}

function describeFailure(error: unknown): ChildMessage {
  if (error instanceof JobFailure) {
    return { kind: 'failed', code: error.code, message: error.message };
  }
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'failed', code: 'ZK_CHILD_FAILED', message: `The job stopped on a ${name}.` };
}
