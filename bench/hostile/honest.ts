/** Honest organisations, a process of its own: each envelope alone, acknowledged or told why not. */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { admitSigners, type Admission } from '../http/admit-signers.ts';
import { serveJobs } from '../http/serve-jobs.ts';
import type { Signers } from '../http/signers.ts';

export type HonestJob =
  | (Admission & { readonly kind: 'prepare' })
  | {
      readonly kind: 'send';
      readonly url: string;
      readonly seconds: number;
      /** Network addresses that they come from. */
      readonly addresses: number;
      /** Of each address, not acknowledged yet. */
      readonly inFlight: number;
      /** Between an answer and the next envelope of the same place. */
      readonly pauseMs: number;
    };

export interface Honest {
  readonly seconds: number;
  readonly acknowledged: number;
  /** By status; 0 where the connection broke. */
  readonly failed: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

type Sending = HonestJob & { kind: 'send' };

let signers: Signers | null = null;

async function work(job: HonestJob): Promise<Honest | null> {
  if (job.kind === 'send') return send(job);
  signers = await admitSigners(job);
  return null;
}

/**
 * A closed loop: the next envelope goes when the one before is answered, so a node that is held up is
 * sent less, which shows in what was acknowledged. One without a receipt counts as having taken the
 * whole run: a quick refusal is no good latency.
 */
async function send(job: Sending): Promise<Honest> {
  const latenciesMs: number[] = [];
  const failed: Record<string, number> = {};
  const start = performance.now();
  const endMs = start + job.seconds * 1_000;
  const place = async (agent: Agent, localAddress: string): Promise<void> => {
    while (performance.now() < endMs) {
      const [envelope] = signers!.sign(1);
      const sentMs = performance.now();
      const status = await post({ agent, localAddress }, job.url, Buffer.from(envelope!));
      latenciesMs.push(status === 201 ? performance.now() - sentMs : job.seconds * 1_000);
      if (status !== 201) failed[status] = (failed[status] ?? 0) + 1;
      await pause(job.pauseMs);
    }
  };
  const agents = Array.from({ length: job.addresses }, () => new Agent({ keepAlive: true }));
  await Promise.all(
    agents.flatMap((agent, at) =>
      Array.from({ length: job.inFlight }, () => place(agent, `127.0.1.${at + 1}`)),
    ),
  );
  const seconds = (performance.now() - start) / 1_000;
  for (const agent of agents) agent.destroy();
  const acknowledged = latenciesMs.length - Object.values(failed).reduce((a, b) => a + b, 0);
  return { seconds, acknowledged, failed, ...percentiles(latenciesMs) };
}

function percentiles(latenciesMs: number[]): Pick<Honest, 'p50Ms' | 'p99Ms' | 'maxMs'> {
  latenciesMs.sort((left, right) => left - right);
  const last = latenciesMs.length - 1;
  const at = (share: number): number =>
    Number((latenciesMs[Math.min(last, Math.floor(latenciesMs.length * share))] ?? 0).toFixed(1));
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

interface From {
  readonly agent: Agent;
  readonly localAddress: string;
}

function post(from: From, url: string, body: Buffer): Promise<number> {
  const headers = { 'content-type': 'application/cose', 'content-length': String(body.length) };
  return new Promise((resolve) => {
    const sending = request(
      `${url}/v1/transactions`,
      { method: 'POST', ...from, headers },
      (response) => {
        response.resume();
        response.once('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
      },
    );
    sending.once('error', () => resolve(0));
    sending.end(body);
  });
}

serveJobs(work);
