/** CometBFT as a child of the node: started again where it ends, given up where it keeps ending. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../base/operational-error.ts';

export interface SuperviseOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Told of each end that nobody asked for. */
  readonly log: (line: string) => void;
  /** It ended `endsMax` times within `withinMs`: nobody starts it any more. */
  readonly onFailure: (error: OperationalError) => void;
  readonly endsMax?: number;
  readonly withinMs?: number;
  readonly pauseMs?: number;
}

export interface Supervised {
  /** Of the running process; null between two. */
  readonly pid: number | null;
  /** SIGTERM, and SIGKILL after `graceMs`; it is not started again. */
  stop(graceMs?: number): Promise<void>;
}

export function supervise(options: SuperviseOptions): Supervised {
  const { program, args, logFile, log, onFailure } = options;
  const { endsMax = 5, withinMs = 60_000, pauseMs = 1_000 } = options;
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted;
  let child: ChildProcess | null = null;
  const runOnce = async (): Promise<string> => {
    const file = openSync(logFile, 'a');
    const started = spawn(program, args, { stdio: ['ignore', file, file] });
    closeSync(file);
    child = started;
    return new Promise((resolve) => {
      started.once('error', (error) => resolve(error.message));
      started.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  };
  const run = async (): Promise<void> => {
    const endedAtMs: number[] = [];
    for (;;) {
      // A log that cannot be written is as good a reason to give up as a program that ends.
      const how = await runOnce().catch((error: unknown) => (error as Error).message);
      child = null;
      if (isOver()) return;
      log(`${program} ended: ${how}`);
      endedAtMs.push(Date.now());
      const last = endedAtMs.at(-endsMax);
      if (last !== undefined && Date.now() - last < withinMs) {
        onFailure(keepsEnding(options, how, endsMax));
        return;
      }
      await delay(pauseMs, undefined, { signal: over.signal }).catch(() => undefined);
      if (isOver()) return;
    }
  };
  const running = run();
  return {
    get pid() {
      return child?.pid ?? null;
    },
    async stop(graceMs = 10_000) {
      over.abort();
      child?.kill('SIGTERM');
      const impatience = setTimeout(() => child?.kill('SIGKILL'), graceMs);
      await running;
      clearTimeout(impatience);
    },
  };
}

const keepsEnding = ({ program, logFile }: SuperviseOptions, how: string, ends: number) =>
  new OperationalError(
    'COMET_ENDED',
    `${program} ended ${ends} times in a row (the last time: ${how}). ${logFile} says why; a home ` +
      'that another process uses, or a port that is taken, are the usual causes.',
  );
