import type { Request, Response } from 'express';
import { once } from 'node:events';
import { shown } from '../../base/field-fault.ts';
import { Type } from '../../base/schema.ts';
import { eventFilter, eventView } from '../event-view.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { defineRoute, type Route, type Services } from '../route.ts';
import { fieldProblem, plainNumber } from '../validate.ts';
import type { EventQuery } from '../../store/projection-reader.ts';

const streamType = 'text/event-stream';
const pageSize = 200;

export const eventStreamRoutes: readonly Route[] = [
  defineRoute({
    id: 'streamEvents',
    method: 'get',
    path: '/v1/events/stream',
    tag: 'Events',
    summary: 'Events as they happen (server-sent events)',
    description:
      'Each message has the event’s log index as `id`, its name as `event` and the event as ' +
      '`data`. `Last-Event-ID` (or `after`) names the last one seen; without either the stream ' +
      'begins with what happens next. Comments keep the connection alive.',
    query: Type.Object(
      {
        after: Type.Optional(Type.Integer({ minimum: -1, maximum: positionMax })),
        ...eventFilter,
      },
      { additionalProperties: false },
    ),
    headers: [
      {
        name: 'Last-Event-ID',
        description: 'Log index of the last event seen, -1 for none; goes before `after`',
        required: false,
      },
    ],
    responses: { 200: { description: 'The stream.', type: streamType } },
    problems: [apiResults.STREAMS_EXHAUSTED],
    handle: async ({ services, query, request, response }) => {
      const { after: asked, ...filter } = query;
      const { openStreams, limits, projector } = services;
      const after = lastEventId(request) ?? asked ?? (await projector.readCursor()).logIndex - 1;
      if (openStreams.count >= limits.eventStreamsMax) {
        throw new Problem(apiResults.STREAMS_EXHAUSTED, `${limits.eventStreamsMax} are open.`, {
          headers: { 'Retry-After': '10' },
        });
      }
      openStreams.count += 1;
      try {
        response.status(200).type(streamType).flushHeaders();
        await writeEvents(services, response, { ...filter, after, limit: pageSize });
      } finally {
        openStreams.count -= 1;
        response.end();
      }
      return 'written' as const;
    },
  }),
];

function lastEventId(request: Request): number | undefined {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return undefined;
  const index = plainNumber(String(header));
  if (index !== null && index >= -1) return index;
  const form = 'a log index: a whole number from -1 up';
  const message = `${shown(header)} is not ${form}, for example 30`;
  const fault = { pointer: '/Last-Event-ID', message, form, example: 30 };
  throw fieldProblem(apiResults.INVALID_QUERY, [fault]);
}

/** Until the client goes, or reading fails: it then comes back with its Last-Event-ID. */
async function writeEvents(
  services: Services,
  response: Response,
  start: EventQuery,
): Promise<void> {
  const { projector, limits, log } = services;
  const bell = new Bell();
  const stop = projector.onAdvance(() => bell.ring());
  response.once('close', () => bell.ring());
  let after = start.after;
  try {
    while (!response.closed) {
      const { value } = await projector.listEvents({ ...start, after });
      for (const event of value) {
        const data = JSON.stringify(eventView(event));
        await write(response, `id: ${event.logIndex}\nevent: ${event.name}\ndata: ${data}\n\n`);
        after = event.logIndex;
      }
      if (value.length < pageSize && !(await bell.wait(limits.heartbeatMs))) {
        await write(response, ': alive\n\n');
      }
    }
  } catch (error) {
    log.error({ err: error }, 'an event stream broke off');
  } finally {
    stop();
  }
}

/** Waits for the client to take what it was sent, so that a slow one costs no memory. */
async function write(response: Response, text: string): Promise<void> {
  if (response.closed || response.write(text)) return;
  const gone = new AbortController();
  const close = () => {
    gone.abort();
  };
  response.once('close', close);
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', close);
}

/** Remembers a ring that comes while nobody waits. */
class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** True where it rang, false after `timeoutMs` of silence. */
  async wait(timeoutMs: number): Promise<boolean> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
