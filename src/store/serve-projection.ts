/** The thread of a threaded projector: applies what is committed when it is asked to. */
import { parentPort, workerData } from 'node:worker_threads';
import { applyBatch } from './apply-leaves.ts';
import { keepConnection, type KeptConnection } from './kept-connection.ts';
import type { DecodeLeaf } from './projected-leaf.ts';
import type { ProjectionAnswer, ProjectionInput } from './projection-thread.ts';

/** To be called by the module that a threaded projector was given. */
export function serveProjection(decode: DecodeLeaf): void {
  const { url } = (workerData as { input: ProjectionInput }).input;
  const { connect } = keepConnection({ url, applicationName: 'data-exchange-ledger projection' });
  const say = (answer: ProjectionAnswer): void => parentPort?.postMessage(answer);
  parentPort?.on('message', () => {
    catchUp(connect, decode, say).catch((error: unknown) => say({ error: asError(error) }));
  });
}

async function catchUp(
  connect: KeptConnection['connect'],
  decode: DecodeLeaf,
  say: (answer: ProjectionAnswer) => void,
): Promise<void> {
  for (let moved = true; moved;) {
    const step = await applyBatch(await connect(), decode);
    moved = step.moved;
    say({ cursor: step.cursor, done: !moved });
  }
}

/** As it comes through to another thread: message and stack, of whatever kind it was. */
const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
