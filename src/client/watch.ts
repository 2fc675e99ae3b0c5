/** Events as they happen, over as many connections as it takes. */
import { OperationalError } from '../base/operational-error.ts';
import { ProblemError } from './problem-error.ts';
import { serverEvents } from './event-stream.ts';
import { pause, type Transport } from './transport.ts';
import type { EventView } from './views.ts';

export interface EventFilter {
  /** One of the five: catalogue, identity, material, signing, supervision. */
  readonly stream?: string | undefined;
  /** Record kind, singular. */
  readonly kind?: string | undefined;
  readonly recordId?: string | undefined;
}

export interface WatchOptions extends EventFilter {
  /** Log index of the last event seen; the next one is the first to come. */
  readonly after: number;
  readonly signal?: AbortSignal | undefined;
  /** A connection that says nothing for this long, not even a heartbeat, is taken for dead. */
  readonly silenceMs?: number;
  /** Pause before the second connection; doubled up to 10 s while none succeeds. */
  readonly pauseMs?: number;
  /** Connections in a row that bring nothing before it gives up. */
  readonly attempts?: number;
}

const pauseMsMax = 10_000;

/**
 * Every event after `after`, once and in log order, whatever becomes of connections. Ends without
 * error when `signal` is aborted. Throws ProblemError where the exchange refuses, and
 * OperationalError EXCHANGE_UNREACHABLE after `attempts` connections in a row without an event.
 */
export async function* watchEvents(
  transport: Transport,
  options: WatchOptions,
): AsyncGenerator<EventView> {
  const { signal, pauseMs = 500, attempts = 20 } = options;
  let after = options.after;
  for (let failures = 0; signal?.aborted !== true; failures += 1) {
    try {
      for await (const event of connection(transport, { ...options, after })) {
        failures = 0;
        if (event.logIndex <= after) continue;
        after = event.logIndex;
        yield event;
      }
    } catch (error) {
      if (isAborted(signal)) return;
      if (!isPassing(error) || failures + 1 >= attempts) throw error;
    }
    await pause(Math.min(pauseMs * 2 ** failures, pauseMsMax), signal).catch(() => undefined);
  }
}

async function* connection(
  transport: Transport,
  { stream, kind, recordId, after, signal, silenceMs = 60_000 }: WatchOptions,
): AsyncGenerator<EventView> {
  const silence = new AbortController();
  const joined = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const watchdog = setTimeout(() => silence.abort(), silenceMs);
  try {
    const response = await transport.send({
      method: 'GET',
      path: '/v1/events/stream',
      query: { stream, kind, recordId },
      headers: () => ({ accept: 'text/event-stream', 'last-event-id': String(after) }),
      signal: joined,
      retried: false,
    });
    if (!response.body) return;
    const heard = touching(response.body as AsyncIterable<Uint8Array>, () => watchdog.refresh());
    for await (const { data } of serverEvents(heard)) yield eventOf(data);
  } finally {
    clearTimeout(watchdog);
    // Ends a connection whose reader stopped before its end.
    silence.abort();
  }
}

async function* touching(
  body: AsyncIterable<Uint8Array>,
  touch: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    touch();
    yield piece;
  }
}

function eventOf(data: string): EventView {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch (cause) {
    throw new OperationalError('EXCHANGE_ANSWER', 'The event stream holds what is not JSON.', {
      cause,
    });
  }
  return event as EventView;
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** A broken connection, a node that restarts or is full; not a refusal that will be repeated. */
function isPassing(error: unknown): boolean {
  if (error instanceof ProblemError) return error.problem.status >= 500 || error.code === 9009;
  return !(error instanceof OperationalError) || error.code !== 'EXCHANGE_ANSWER';
}
