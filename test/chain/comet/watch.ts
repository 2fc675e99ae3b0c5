/** Looks at all validators while trouble goes on: what is wrong then may be gone afterwards. */
import { setTimeout as delay } from 'node:timers/promises';
import { fetchStatus, type Network } from '../../../src/net/network.ts';

export interface Watch {
  readonly looks: number;
  readonly problems: readonly string[];
  /** The validator is to begin anew: it may go back. */
  readonly forget: (at: number) => void;
  stop(): Promise<void>;
}

const everyMs = 300;

/** Two app hashes for one height, or a validator that goes back, are problems. */
export function startWatch(network: Network): Watch {
  const seen = new Map<number, { appHash: string; at: number }>();
  const heights = new Map<number, number>();
  const problems: string[] = [];
  let looks = 0;
  let stopping = false;
  const look = async (at: number): Promise<void> => {
    const before = heights.get(at) ?? 0;
    const status = await fetchStatus(network.validator(at));
    // What was forgotten meanwhile is judged by the next look.
    if (!status || (heights.get(at) ?? 0) !== before) return;
    const { height, appHash } = status;
    looks += 1;
    if (height < before) problems.push(`validator ${at} went back from ${before} to ${height}`);
    heights.set(at, height);
    const first = seen.get(height);
    if (!first) seen.set(height, { appHash, at });
    else if (first.appHash !== appHash) {
      problems.push(`validators ${first.at} and ${at} differ at height ${height}`);
    }
  };
  const watching = (async () => {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by stop()
    while (!stopping) {
      await Promise.all(network.plan.validators.map((_, at) => look(at)));
      await delay(everyMs);
    }
  })();
  return {
    problems,
    get looks() {
      return looks;
    },
    forget: (at) => void heights.delete(at),
    async stop() {
      stopping = true;
      await watching;
    },
  };
}
