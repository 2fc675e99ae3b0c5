import type { Worker } from 'node:worker_threads';
import type { DataSource } from 'typeorm';
import { OperationalError } from '../base/operational-error.ts';
import { startThread } from '../chain/engine/start-thread.ts';
import type { ProjectionCursor } from './projected-leaf.ts';
import {
  makeProjector,
  projectionFailed,
  type AdvanceListener,
  type Projector,
} from './projection.ts';

/** What the thread is started with. */
export interface ProjectionInput {
  readonly url: string;
}

/**
 * What it says while it catches up: where it stands after each batch, and at the end where that is
 * or why it went no further.
 */
export type ProjectionAnswer =
  { readonly cursor: ProjectionCursor; readonly done: boolean } | { readonly error: Error };

export interface ThreadedProjectorOptions {
  /** Where reads of the read models go. */
  readonly dataSource: DataSource;
  /** Of the same database: the thread has a connection of its own. */
  readonly url: string;
  /** What the thread runs: it calls `serveProjection`. */
  readonly module: URL;
  /** Where the read models stand already; 0 unless given. */
  readonly shownHeight?: number;
  /** Told of a subscriber that threw; the projection goes on. */
  readonly onSubscriberError?: (error: unknown) => void;
}

export interface ThreadedProjector extends Projector {
  /** Ends the thread; a batch in hand is rolled back, and the next start applies it. */
  close(): Promise<void>;
}

/**
 * As `createProjector`, on a thread of its own, which reads the log from the database: what waits
 * costs no memory here, and a node that was killed goes on from the cursor. `advance` throws
 * OperationalError PROJECTION_FAILED and PROJECTION_THREAD_LOST; the next one tries again.
 */
export function createThreadedProjector(options: ThreadedProjectorOptions): ThreadedProjector {
  const { url, module, ...others } = options;
  const thread = new ProjectionThread({ url }, module);
  return {
    ...makeProjector({ ...others, catchUp: (tell) => thread.catchUp(tell) }),
    close: () => thread.close(),
  };
}

interface Waiting {
  readonly tell: AdvanceListener;
  readonly resolve: (cursor: ProjectionCursor) => void;
  readonly reject: (error: OperationalError) => void;
}

/** Catches up when it is asked to, one time after the other. */
class ProjectionThread {
  readonly #input: ProjectionInput;
  readonly #module: URL;
  #worker: Worker | null;
  #waiting: Waiting | null = null;
  #closed = false;

  constructor(input: ProjectionInput, module: URL) {
    this.#input = input;
    this.#module = module;
    // At once: its modules take a second to load, and the first block may be a while away.
    this.#worker = this.#start();
  }

  catchUp(tell: AdvanceListener): Promise<ProjectionCursor> {
    if (this.#closed) return Promise.reject(lost('it was closed'));
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting = { tell, resolve, reject };
      worker.postMessage('catch up');
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = startThread(this.#module, this.#input);
    worker.unref();
    let why = 'it ended';
    worker.on('message', (answer: ProjectionAnswer) => this.#take(worker, answer));
    worker.on('error', (error: Error) => (why = error.message));
    worker.on('exit', () => {
      this.#worker = null;
      this.#end()?.reject(lost(this.#closed ? 'it was closed' : why));
    });
    return worker;
  }

  #take(worker: Worker, answer: ProjectionAnswer): void {
    if (!('error' in answer) && !answer.done) {
      this.#waiting?.tell(answer.cursor);
      return;
    }
    worker.unref();
    const waiting = this.#end();
    if ('error' in answer) waiting?.reject(projectionFailed(answer.error));
    else waiting?.resolve(answer.cursor);
  }

  #end(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}

const lost = (why: string): OperationalError =>
  new OperationalError(
    'PROJECTION_THREAD_LOST',
    `The thread that keeps the read models was lost (${why}). It is started anew and goes on from ` +
      'the last batch; where it is lost again and again, give the node more memory.',
  );
