/**
 * The load generator, a process of its own: signs beforehand, then sends as fast as answers come
 * (autocannon) or at a fixed rate (open-loop.ts). Told what to do by its parent, one job at a time.
 */
import autocannon from 'autocannon';
import {
  encodeEnvelopeSequence,
  envelopeSequenceType,
} from '../../src/chain/tx/envelope-sequence.ts';
import { admitSigners, type Admission } from './admit-signers.ts';
import { serveJobs } from './serve-jobs.ts';
import { openLoop, type Latencies } from './open-loop.ts';
import type { Signers } from './signers.ts';

/** How envelopes travel: a bare COSE message or a CBOR sequence, or JSON of the same. */
export type Format = 'json' | 'binary';

export interface Shape {
  /** Envelopes in a request; 1 goes to the single route. */
  readonly batch: number;
  readonly format: Format;
}

interface Target extends Shape {
  /** Of the node, or of the bare server, which takes what the node took before. */
  readonly url: string;
  readonly fresh: boolean;
  readonly requests: number;
}

export type Job =
  | (Admission & { readonly kind: 'prepare' })
  | (Target & { readonly kind: 'saturate'; readonly connections: number })
  | (Target & { readonly kind: 'rate'; readonly perSecond: number });

export interface Saturated {
  readonly seconds: number;
  readonly requests: number;
  readonly envelopes: number;
  readonly bodyBytes: number;
  readonly failed: number;
  /** That were seen, to tell what failed. */
  readonly statuses: string;
  /** Of envelopes in batches, by name of their problem. */
  readonly refusals: Readonly<Record<string, number>>;
}

export type Report =
  | { readonly kind: 'prepared'; readonly envelopeBytes: number }
  | ({ readonly kind: 'saturated' } & Saturated)
  | ({ readonly kind: 'rated' } & Latencies);

let signers: Signers | null = null;
/** Signed for a run and not sent by it: a number that is left out narrows its key's window. */
let unsent: Uint8Array[] = [];
/** By batch, for the bare server, to which one envelope is as good as another. */
const sent = new Map<number, Uint8Array[][]>();
const keptMax = 256;

async function prepare(job: Job & { kind: 'prepare' }): Promise<Report> {
  signers = await admitSigners(job);
  unsent = signers.sign(1);
  return { kind: 'prepared', envelopeBytes: unsent[0]!.length };
}

const pathOf = ({ batch, fresh }: Target): string => {
  if (!fresh) return batch === 1 ? '/one' : '/many';
  return batch === 1 ? '/v1/transactions' : '/v1/transactions:batch';
};

function typeOf({ batch, format }: Shape): string {
  if (format === 'json') return 'application/json';
  return batch === 1 ? 'application/cose' : envelopeSequenceType;
}

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

function bodyOf({ batch, format }: Shape, envelopes: readonly Uint8Array[]): Buffer {
  if (format === 'binary') {
    return Buffer.from(batch === 1 ? envelopes[0]! : encodeEnvelopeSequence(envelopes));
  }
  const [envelope, ...others] = envelopes.map(base64Url);
  const json = batch === 1 ? { envelope } : { envelopes: [envelope, ...others] };
  return Buffer.from(JSON.stringify(json));
}

function sign(count: number): Uint8Array[] {
  const left = unsent.splice(0, count);
  return [...left, ...signers!.sign(count - left.length)];
}

/** The envelopes of each request. */
function groupsOf({ batch, fresh, requests }: Target): Uint8Array[][] {
  const kept = sent.get(batch);
  if (!fresh && kept) return Array.from({ length: requests }, (_, at) => kept[at % kept.length]!);
  const signed = sign(requests * batch);
  const groups = Array.from({ length: requests }, (_, at) =>
    signed.slice(at * batch, (at + 1) * batch),
  );
  sent.set(batch, groups.slice(0, keptMax));
  return groups;
}

async function saturate(job: Job & { kind: 'saturate' }): Promise<Report> {
  const groups = groupsOf(job);
  const bodies = groups.map((group) => bodyOf(job, group));
  const refusals = new Map<string, number>();
  let next = 0;
  const start = performance.now();
  const running = autocannon({
    url: `${job.url}${pathOf(job)}`,
    method: 'POST',
    headers: { 'content-type': typeOf(job) },
    connections: Math.min(job.connections, job.requests),
    amount: job.requests,
    timeout: 60,
    requests: [
      {
        setupRequest: (request) => {
          const body = bodies[next]!;
          next += 1;
          return { ...request, body };
        },
        onResponse: (_status, body) => {
          for (const [, name = ''] of body.matchAll(/"problem":\{[^}]*?"name":"(\w+)"/g)) {
            refusals.set(name, (refusals.get(name) ?? 0) + 1);
          }
        },
      },
    ],
  });
  // It ends at a whole second only.
  let end = start;
  running.on('response', () => {
    end = performance.now();
  });
  const result = await running;
  const seconds = (end - start) / 1_000;
  if (job.fresh) unsent = [...unsent, ...groups.slice(next).flat()];
  const good = result['2xx'];
  return {
    kind: 'saturated',
    seconds,
    requests: good,
    envelopes: good * job.batch,
    bodyBytes: bodies[0]!.length,
    failed: result.non2xx + result.errors + result.timeouts,
    statuses: Object.keys(result.statusCodeStats).join(', '),
    refusals: Object.fromEntries(refusals),
  };
}

async function rate(job: Job & { kind: 'rate' }): Promise<Report> {
  const bodies = groupsOf(job).map((group) => bodyOf(job, group));
  const post = { url: `${job.url}${pathOf(job)}`, headers: { 'content-type': typeOf(job) } };
  return { kind: 'rated', ...(await openLoop(post, bodies, job.perSecond)) };
}

function work(job: Job): Promise<Report> {
  if (job.kind === 'prepare') return prepare(job);
  return job.kind === 'saturate' ? saturate(job) : rate(job);
}

serveJobs(work);
