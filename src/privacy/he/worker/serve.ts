import { OperationalError } from '../../../base/operational-error.ts';
import type { Outcome } from '../../../base/result.ts';
import { openContext, type HeContext } from '../engine/context.ts';
import { findPreset } from '../presets.ts';
import type { heResults } from '../results.ts';
import type { ChildMessage, TaskMap, TaskMessage } from './messages.ts';

export type Handlers<Tasks extends TaskMap<Tasks>> = {
  readonly [Kind in keyof Tasks]: (
    he: HeContext,
    input: Tasks[Kind]['input'],
    onChunk: () => void,
  ) => Outcome<Tasks[Kind]['output']>;
};

/**
 * The life of a child: one preset from the command line, then one task at a time over IPC. After
 * anything thrown its WASM memory is not to be trusted, so it says what happened and exits; it also
 * exits when its parent is gone.
 */
export async function serve<Tasks extends TaskMap<Tasks>>(
  handlers: Handlers<Tasks>,
): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  try {
    const found = findPreset(process.argv[2] ?? '');
    if (!found.ok) throw new Error(found.detail);
    const he = await openContext(found.value);
    process.on('message', (message: TaskMessage) => {
      try {
        answer(handlers, he, message);
      } catch (error) {
        failAndExit(error);
      }
    });
    send({ type: 'ready' });
  } catch (error) {
    failAndExit(error);
  }
}

function answer<Tasks extends TaskMap<Tasks>>(
  handlers: Handlers<Tasks>,
  he: HeContext,
  { kind, input }: TaskMessage,
): void {
  const handler = handlers[kind as keyof Tasks];
  const outcome = handler(he, input, () => send({ type: 'chunk' }));
  if (outcome.ok) {
    const residentBytes = process.memoryUsage.rss();
    send({ type: 'done', value: outcome.value, residentBytes });
  } else {
    const name = outcome.result.name as keyof typeof heResults;
    send({ type: 'refused', name, detail: outcome.detail });
  }
}

function send(message: ChildMessage): void {
  process.send?.(message);
}

function failAndExit(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof OperationalError ? error.code : 'HE_WORKER_POISONED';
  const failed: ChildMessage = { type: 'failed', code, message };
  if (process.send === undefined) process.exit(1);
  process.send(failed, () => process.exit(1));
}
