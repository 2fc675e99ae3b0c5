import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Latencies {
  readonly perSecond: number;
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Requests at even intervals whatever the answers do. Latency counts from when a request was due,
 * so a stall is seen by every request that it held up (no coordinated omission).
 */
export async function openLoop(
  post: Post,
  bodies: readonly Buffer[],
  perSecond: number,
): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const latencies: number[] = [];
  const sent: Promise<void>[] = [];
  let failed = 0;
  const start = performance.now();
  for (const [at, body] of bodies.entries()) {
    const due = start + (at * 1_000) / perSecond;
    // Timers wake at whole milliseconds: those that are due by then go out together.
    while (performance.now() < due) await pause(1);
    sent.push(
      send(agent, post, body).then((good) => {
        latencies.push(performance.now() - due);
        if (!good) failed += 1;
      }),
    );
  }
  await Promise.all(sent);
  agent.destroy();
  latencies.sort((left, right) => left - right);
  const percentile = (share: number): number =>
    Number(
      (
        latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
      ).toFixed(2),
    );
  return {
    perSecond,
    requests: bodies.length,
    failed,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
    maxMs: percentile(1),
  };
}

function send(agent: Agent, { url, headers }: Post, body: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const length = { 'content-length': String(body.length) };
    const sending = request(
      url,
      { method: 'POST', agent, headers: { ...headers, ...length } },
      (response) => {
        response.resume();
        response.once('end', () => resolve((response.statusCode ?? 500) < 300));
      },
    );
    sending.once('error', () => resolve(false));
    sending.end(body);
  });
}
