import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Publication } from '../chain/checkpoint/publication.ts';
import type { RemovalCounts } from '../store/content-removals.ts';
import type { ApiParts } from './parts.ts';
import type { Readiness } from './readiness.ts';
import type { StreamPlaces } from './stream-places.ts';
import type { Traffic } from './traffic.ts';

/** Prometheus metrics of one app, in a registry of its own. */
export interface Metrics {
  readonly contentType: string;
  observe(operation: string, status: number, seconds: number): void;
  /** The exposition text. */
  read(): Promise<string>;
}

export function makeMetrics(
  parts: Pick<ApiParts, 'engine' | 'projector' | 'publication' | 'readiness' | 'contentCounts'>,
  places: Pick<StreamPlaces, 'count'>,
  traffic: Traffic,
): Metrics {
  const { engine, projector, publication, readiness, contentCounts } = parts;
  const register = new Registry();
  collectDefaultMetrics({ register });
  const labelNames = ['operation', 'status'];
  const requests = new Counter({
    name: 'dxl_http_requests_total',
    help: 'Answered requests by operation and status.',
    labelNames,
    registers: [register],
  });
  const seconds = new Histogram({
    name: 'dxl_http_request_seconds',
    help: 'Time from a request’s arrival to the end of its answer.',
    labelNames: ['operation'],
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [register],
  });
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [register],
      collect() {
        this.set(read());
      },
    });
  gauge('dxl_height', 'Height of the newest block.', () => engine.status().height);
  gauge('dxl_log_leaves', 'Leaves of the event log.', () => engine.status().logSize);
  gauge('dxl_pending_envelopes', 'Envelopes that wait for a block.', () => engine.status().pending);
  gauge('dxl_event_streams', 'Open event streams.', () => places.count);
  gauge('dxl_http_connections', 'Open connections.', () => traffic.connections);
  gauge('dxl_projection_lag_blocks', 'Blocks that the read model is behind.', () =>
    Math.max(0, engine.status().height - projector.shownHeight()),
  );
  gauge(
    'dxl_clock_ahead_seconds',
    'By how much the clock is ahead of the newest block; grows where none is made, negative is wrong.',
    () => engine.clock().aheadMs / 1_000,
  );
  gauge(
    'dxl_clock_stepped_seconds',
    'By how much the clock was set, against a clock that nobody sets.',
    () => engine.clock().steppedMs / 1_000,
  );
  addContentGauges(register, contentCounts);
  addReadyGauge(register, readiness);
  addEndings(register, traffic);
  if (publication) addLogGauges(register, publication);
  return {
    contentType: register.contentType,
    observe(operation, status, duration) {
      requests.inc({ operation, status: String(status) });
      seconds.observe({ operation }, duration);
    },
    read: () => register.metrics(),
  };
}

/** As of the last sweep: metrics are read also where the database hangs. */
function addContentGauges(register: Registry, counts: () => RemovalCounts): void {
  const gauge = (name: string, help: string, read: (counts: RemovalCounts) => number): Gauge =>
    new Gauge({
      ...{ name, help },
      registers: [register],
      collect() {
        this.set(read(counts()));
      },
    });
  gauge('dxl_content_due', 'Contents whose removal the parties are told of.', ({ due }) => due);
  gauge('dxl_content_due_bytes', 'Bytes of these.', ({ dueBytes }) => dueBytes);
  gauge('dxl_content_removed', 'Contents removed, of which digests are left.', (c) => c.removed);
}

/** What strangers try, and what a limit that is too tight does to others. */
function addEndings(register: Registry, { endings }: Traffic): void {
  new Gauge({
    name: 'dxl_http_endings',
    help: 'Connections turned away or ended since the start, by the limit that did it.',
    labelNames: ['why'],
    registers: [register],
    collect() {
      for (const [why, count] of endings) this.set({ why }, count);
    },
  });
}

/** From what was found last: metrics are read also where the database hangs. */
function addReadyGauge(register: Registry, readiness: Readiness): void {
  new Gauge({
    name: 'dxl_ready',
    help: '1 where the check of /readyz holds, 0 where it fails.',
    labelNames: ['check'],
    registers: [register],
    collect() {
      for (const [check, detail] of readiness.newest())
        this.set({ check }, detail === null ? 1 : 0);
    },
  });
}

/** How far notes and witnesses are behind the chain: what an operator is woken for. */
function addLogGauges(register: Registry, publication: Publication): void {
  const registers = [register];
  new Gauge({
    name: 'dxl_noted_height',
    help: 'Height of the newest signed note of the log.',
    registers,
    collect() {
      this.set(publication.latest()?.height ?? 0);
    },
  });
  new Gauge({
    name: 'dxl_witnessed_height',
    help: 'Height of the newest note with the cosignatures that the policy asks for.',
    registers,
    collect() {
      this.set(publication.witnessed()?.height ?? 0);
    },
  });
  new Gauge({
    name: 'dxl_witness_log_leaves',
    help: 'Leaves of the newest note that a witness has cosigned.',
    labelNames: ['witness'],
    registers,
    collect() {
      for (const { name, logSize } of publication.witnesses()) this.set({ witness: name }, logSize);
    },
  });
  new Gauge({
    name: 'dxl_witness_failing',
    help: '1 where the last attempt at a witness failed; /v1/log says why.',
    labelNames: ['witness'],
    registers,
    collect() {
      for (const { name, problem } of publication.witnesses()) {
        this.set({ witness: name }, problem === null ? 0 : 1);
      }
    },
  });
}
