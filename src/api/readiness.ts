/** Whether a node can serve: named checks, asked again and again, each for a bounded time. */
import { assert } from '../base/assert.ts';

/** One thing that a node needs. To add one, give it to `openReadiness` in main.ts as a further one. */
export interface ReadinessCheck {
  /** In lower-case letters and hyphens, and stable: it is a label of metrics and log lines. */
  readonly name: string;
  /**
   * What is wrong and what to do, in a sentence or two; null where nothing is. One that rejects says
   * so by its message; one that does not answer in time is called late, and is not asked anew
   * before it has answered.
   */
  readonly check: () => Promise<string | null> | string | null;
}

export interface FailingCheck {
  readonly name: string;
  readonly detail: string;
}

export interface Readiness {
  /** Asks every check and resolves within `checkMsMax`; never rejects. Empty: the node is ready. */
  ask(): Promise<readonly FailingCheck[]>;
  /** What was found last, by name of the check: null where nothing is wrong. */
  newest(): ReadonlyMap<string, string | null>;
}

export interface ReadinessOptions {
  readonly checks: readonly ReadinessCheck[];
  /** Told once when a check begins to fail, and with null once when it holds again. */
  readonly onChange?: (name: string, detail: string | null) => void;
  /** Time for all checks together, which run at once. */
  readonly checkMsMax?: number;
}

/** Leaves time for the answer within a second. */
const usualCheckMsMax = 700;

export function makeReadiness(options: ReadinessOptions): Readiness {
  const { checks, onChange = () => undefined, checkMsMax = usualCheckMsMax } = options;
  const standings = new Map<string, string | null>();
  const askers = checks.map((check) => {
    assert(!standings.has(check.name), `a readiness check is named ${check.name} once`);
    standings.set(check.name, null);
    return { name: check.name, ask: askerOf(check, checkMsMax) };
  });
  return {
    async ask() {
      const found = await Promise.all(
        askers.map(async ({ name, ask }) => {
          const detail = await ask();
          const before = standings.get(name) ?? null;
          standings.set(name, detail);
          if ((before === null) !== (detail === null)) onChange(name, detail);
          return { name, detail };
        }),
      );
      return found.flatMap(({ name, detail }) => (detail === null ? [] : [{ name, detail }]));
    },
    newest: () => standings,
  };
}

/** One question at a time, however many ask: what hangs is not piled up. */
function askerOf({ check }: ReadinessCheck, msMax: number): () => Promise<string | null> {
  let asked: { readonly answer: Promise<string | null>; readonly atMs: number } | null = null;
  const begin = () => {
    const answer = answerOf(check).finally(() => (asked = null));
    return (asked = { answer, atMs: performance.now() });
  };
  return async () => {
    const { answer, atMs } = asked ?? begin();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        const waitedMs = Math.round(performance.now() - atMs);
        resolve(`It has not answered for ${waitedMs} ms. Look at its load, its disk and its log.`);
      }, msMax);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  };
}

async function answerOf(check: ReadinessCheck['check']): Promise<string | null> {
  try {
    return await check();
  } catch (error) {
    return (error as Error).message || 'It failed and gives no reason.';
  }
}

const pauseMs = 250;

/**
 * Asks now and then, so that whoever only reads the log or the metrics is told within a second.
 * Returns how to end that.
 */
export function watchReadiness(readiness: Readiness): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const look = async (): Promise<void> => {
    await readiness.ask();
    if (!ended) timer = setTimeout(() => void look(), pauseMs);
  };
  void look();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
