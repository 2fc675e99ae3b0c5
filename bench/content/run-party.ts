import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loader } from '../../test/support/loader.ts';
import { residentPeakMiBOf } from './resident-peak.ts';
import type { Line, Order } from './party.ts';

const program = fileURLToPath(new URL('party.ts', import.meta.url));

export interface Ran {
  readonly seconds: number;
  readonly peakMiB: number;
  /** Seconds from the beginning to the first line of each thing that it did. */
  readonly begun: ReadonlyMap<string, number>;
  /** null: it was killed. */
  readonly result: object | null;
  readonly refused: string | null;
}

export interface Trouble {
  readonly doing: string;
  readonly atBytes: number;
  /** What happens then; `kill` ends the program. */
  readonly happens: (kill: () => void) => Promise<void>;
}

/** Runs a party's program to its end, with trouble on the way. Throws where it ends otherwise. */
export async function runParty(order: Order, troubles: readonly Trouble[] = []): Promise<Ran> {
  const start = performance.now();
  const child = spawn(process.execPath, [...loader, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  child.stdin.end(JSON.stringify(order));
  const begun = new Map<string, number>();
  const waiting = [...troubles];
  const happening: Promise<void>[] = [];
  let last: Line = {};
  let peakMiB = 0;
  const kill = (): void => {
    peakMiB = Math.max(peakMiB, residentPeakMiBOf(child.pid ?? 0));
    child.kill('SIGKILL');
  };
  for await (const text of createInterface({ input: child.stdout })) {
    last = JSON.parse(text) as Line;
    const { doing, bytes = 0 } = last;
    if (doing === undefined) continue;
    if (!begun.has(doing)) begun.set(doing, (performance.now() - start) / 1_000);
    const next = waiting[0];
    if (next?.doing !== doing || bytes < next.atBytes) continue;
    waiting.shift();
    happening.push(next.happens(kill));
  }
  const [code, signal] = await ended;
  await Promise.all(happening);
  const killed = signal === 'SIGKILL';
  if (!killed && code !== 0) throw new Error(`the program of ${order.organisationId}: ${code}`);
  if (waiting.length > 0) {
    throw new Error(`it ended before its trouble at ${waiting[0]?.doing}: ${JSON.stringify(last)}`);
  }
  return {
    seconds: (performance.now() - start) / 1_000,
    peakMiB: Math.max(peakMiB, last.peakMiB ?? 0),
    begun,
    result: killed ? null : (last.result ?? null),
    refused: last.refused ?? null,
  };
}
