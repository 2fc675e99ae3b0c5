/** How far long work has come: a bar with the time left on a terminal, else a line now and then. */
import { remark } from './output.ts';

export interface Progress {
  /** @param done of `total`; null where nobody knows how much there is. */
  update(done: number, total: number | null, words: string): void;
  /** Takes the bar away: what follows on the terminal stands below it. */
  end(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Shows nothing: for programs. */
  readonly quiet: boolean;
  readonly terminal?: NodeJS.WriteStream;
  readonly clock?: () => number;
  readonly line?: (text: string) => void;
}

const lineEveryMs = 5_000;
const redrawEveryMs = 200;

/** Standard error only, so that results and exported bytes on standard output stay clean. */
export async function openProgress(options: ProgressOptions): Promise<Progress> {
  const { terminal = process.stderr, quiet } = options;
  if (quiet) return { update: () => undefined, end: () => undefined };
  return terminal.isTTY ? openBar(options, terminal) : openLines(options);
}

async function openBar({ label }: ProgressOptions, stream: NodeJS.WriteStream): Promise<Progress> {
  const { default: bars } = await import('cli-progress');
  const bar = new bars.SingleBar({
    stream,
    format: `${label} {bar} {percentage}% | {words} | {eta_formatted} left`,
    hideCursor: true,
    fps: 1_000 / redrawEveryMs,
    etaBuffer: 200,
    etaAsynchronousUpdate: false,
    linewrap: false,
  });
  let started = false;
  return {
    update(done, total, words) {
      if (total === null) return;
      if (!started) bar.start(total, 0, { words });
      started = true;
      bar.setTotal(total);
      bar.update(done, { words });
    },
    end: () => (started ? bar.stop() : undefined),
  };
}

function openLines({ label, clock = Date.now, line = remark }: ProgressOptions): Progress {
  const begunMs = clock();
  let saidMs = begunMs;
  let first: number | null = null;
  return {
    update(done, total, words) {
      first ??= done;
      const nowMs = clock();
      if (nowMs - saidMs < lineEveryMs) return;
      saidMs = nowMs;
      line(`${label}: ${words}${leftOf(done - first, done, total, nowMs - begunMs)}`);
    },
    end: () => undefined,
  };
}

function leftOf(advanced: number, done: number, total: number | null, spentMs: number): string {
  if (total === null || total === 0 || advanced <= 0) return '';
  const share = Math.floor((100 * done) / total);
  return `, ${share}%, ${durationOf(((total - done) * spentMs) / advanced)} left`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
