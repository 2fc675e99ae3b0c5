/** Shows a scenario as it happens: who does what, at which height, how it went, how long it took. */

export interface StepRecord {
  readonly act: string;
  readonly number: number;
  readonly party: string;
  readonly title: string;
  readonly height: number | null;
  readonly result: string;
  readonly elapsedMs: number;
}

/** What a step tells of itself; `height` where it stands in a block. */
export interface StepNews {
  readonly height?: number;
  readonly result?: string;
}

export interface Stage {
  act(title: string): void;
  /** Runs one step of one party and shows its line; a step that throws is shown and ends it all. */
  step<News extends StepNews>(
    party: string,
    title: string,
    run: (progress: (fraction: number, note?: string) => void) => Promise<News>,
  ): Promise<News>;
  readonly steps: readonly StepRecord[];
}

export interface Terminal {
  write(text: string): unknown;
  /** Whether a line can be written over: progress is shown in place. */
  readonly isTTY?: boolean;
}

/** @param terminal null for silence: the steps are still recorded. */
export function openStage(terminal: Terminal | null, now: () => number): Stage {
  const steps: StepRecord[] = [];
  let act = '';
  const show = (text: string) => terminal?.write(text);
  return {
    steps,
    act(title) {
      act = title;
      show(`\n${title}\n`);
    },
    async step(party, title, run) {
      const startedMs = now();
      const number = steps.length + 1;
      const progress = progressLine(terminal, number, party, title);
      const done = (news: StepNews, result: string) => {
        progress.clear();
        const elapsedMs = now() - startedMs;
        const { height = null } = news;
        const record = { act, number, party, title, height, result, elapsedMs };
        steps.push(record);
        show(line(record));
      };
      try {
        const news = await run((fraction, note) => progress.show(fraction, note));
        done(news, news.result ?? 'applied');
        return news;
      } catch (error) {
        done({}, 'FAILED');
        throw error;
      }
    },
  };
}

function line({ number, party, title, height, result, elapsedMs }: StepRecord): string {
  const place = height === null ? '' : `block ${height}`;
  const seconds = `${(elapsedMs / 1000).toFixed(2)} s`;
  return (
    `${String(number).padStart(3)}  ${party.padEnd(11)} ${title.padEnd(58)} ` +
    `${place.padEnd(10)} ${seconds.padStart(8)}  ${result}\n`
  );
}

function progressLine(terminal: Terminal | null, number: number, party: string, title: string) {
  let shown = false;
  let lastPercent = -1;
  const head = `${String(number).padStart(3)}  ${party.padEnd(11)} ${title}`;
  return {
    show(fraction: number, note = ''): void {
      const percent = Math.floor(Math.min(Math.max(fraction, 0), 1) * 100);
      if (!terminal || percent === lastPercent) return;
      lastPercent = percent;
      if (terminal.isTTY) terminal.write(`\r\u001b[K${head}  ${percent} % ${note}`);
      else if (percent % 25 === 0) terminal.write(`${head}  ${percent} % ${note}\n`);
      shown = terminal.isTTY === true;
    },
    clear(): void {
      if (shown) terminal?.write('\r\u001b[K');
    },
  };
}
