import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiParts } from './parts.ts';

/** Counts the event streams that are open: one per app. */
export interface OpenStreams {
  count: number;
}

/** Prometheus metrics of one app, in a registry of its own. */
export interface Metrics {
  readonly contentType: string;
  observe(operation: string, status: number, seconds: number): void;
  /** The exposition text. */
  read(): Promise<string>;
}

export function makeMetrics(
  { engine, projector }: Pick<ApiParts, 'engine' | 'projector'>,
  openStreams: OpenStreams,
): Metrics {
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
  const gauge = (name: string, help: string, read: () => number | Promise<number>): Gauge =>
    new Gauge({
      name,
      help,
      registers: [register],
      async collect() {
        this.set(await read());
      },
    });
  gauge('dxl_height', 'Height of the newest block.', () => engine.status().height);
  gauge('dxl_log_leaves', 'Leaves of the event log.', () => engine.status().logSize);
  gauge('dxl_pending_envelopes', 'Envelopes that wait for a block.', () => engine.status().pending);
  gauge('dxl_event_streams', 'Open event streams.', () => openStreams.count);
  gauge('dxl_projection_lag_blocks', 'Blocks that the read model is behind.', async () => {
    const { height } = engine.status();
    return Math.max(0, height - (await projector.readCursor()).height);
  });
  return {
    contentType: register.contentType,
    observe(operation, status, duration) {
      requests.inc({ operation, status: String(status) });
      seconds.observe({ operation }, duration);
    },
    read: () => register.metrics(),
  };
}
