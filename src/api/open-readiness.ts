import type { Logger } from 'pino';
import { openDatabaseProbe } from '../store/database-probe.ts';
import { makeReadiness, watchReadiness, type Readiness, type ReadinessCheck } from './readiness.ts';
import { standingChecks, type StandingParts } from './standing-checks.ts';

export interface ReadinessParts extends Pick<StandingParts, 'engine' | 'projector'> {
  readonly url: string;
  readonly log: Logger;
  /** What this node needs beside what every node does. */
  readonly further?: readonly ReadinessCheck[];
}

/** What the node needs to be ready, asked regularly; a log line for each change. */
export async function openReadiness(
  { url, engine, projector, log, further = [] }: ReadinessParts,
  undo: (() => Promise<unknown>)[],
): Promise<Readiness> {
  const probe = openDatabaseProbe(url);
  undo.push(() => probe.close());
  const standing = standingChecks({ askDatabase: () => probe.ask(), engine, projector });
  const readiness = makeReadiness({
    checks: [...standing, ...further],
    onChange(check, detail) {
      if (detail === null) log.info({ check }, 'ready again');
      else log.warn({ check, detail }, 'not ready');
    },
  });
  await readiness.ask();
  const unwatch = watchReadiness(readiness);
  undo.push(async () => unwatch());
  return readiness;
}
