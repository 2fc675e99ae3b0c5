import type { Request, Response } from 'express';
import { once } from 'node:events';
import { shown } from '../../base/field-fault.ts';
import { Type } from '../../base/schema.ts';
import { clientNetwork } from '../address.ts';
import type { EventFilter, FeedRead } from '../event-feed.ts';
import { eventFilter } from '../event-view.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { defineRoute, type Route, type Services } from '../route.ts';
import { fieldProblem, plainNumber } from '../validate.ts';

const streamType = 'text/event-stream';
/** Of a page that is read for streams that are behind, in units of the rate limit. */
const pageCost = 20;

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
      const { places, projector } = services;
      const seen = lastEventId(request) ?? asked;
      // Express asks this for HEAD, too: its answer is over with the headers.
      if (request.method === 'HEAD') {
        return { status: 200, headers: { 'Content-Type': streamType } };
      }
      const giveBack = places.take(clientNetwork(request));
      try {
        const after = seen ?? (await projector.readCursor()).logIndex - 1;
        response.status(200).type(streamType).flushHeaders();
        const charge = () => services.limiter.charge(request, response, pageCost);
        const address = clientNetwork(request);
        await writeEvents(services, response, { address, after, filter, charge });
        response.end();
      } finally {
        giveBack();
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

interface Wanted {
  readonly address: string;
  readonly after: number;
  readonly filter: EventFilter;
  /** Throws Problem RATE_LIMITED. */
  readonly charge: () => void;
}

/** Until the client goes, or reading fails: it then comes back with its Last-Event-ID. */
async function writeEvents(services: Services, response: Response, wanted: Wanted): Promise<void> {
  const { feed, limits, log } = services;
  const bell = new Bell();
  const ring = () => bell.ring();
  response.once('close', ring);
  const leave = await feed.join(ring);
  let { after } = wanted;
  try {
    while (!response.closed) {
      const near = feed.read(after, wanted.filter);
      const read = near ?? (await readBehind(services, response, wanted, after));
      if (near && near.messages.length > 0) await write(response, near.messages);
      if (read.upTo > after) {
        after = read.upTo;
        continue;
      }
      if (!(await bell.wait(limits.heartbeatMs))) await write(response, ': alive\n\n');
    }
  } catch (error) {
    // One that has used up its requests is told so when it comes back.
    if (!(error instanceof Problem)) log.error({ err: error }, 'an event stream broke off');
  } finally {
    leave();
  }
}

/** A page for a stream that is behind, written to it. */
async function readBehind(
  { feed, catchUp }: Services,
  response: Response,
  { address, filter, charge }: Wanted,
  after: number,
): Promise<FeedRead> {
  charge();
  const isOver = () => response.closed;
  const read = await catchUp.read({ address, filter, isOver }, after, feed.upTo);
  if (read.messages.length > 0) {
    await write(response, read.messages, (send) => catchUp.measure(send));
  }
  return read;
}

/** Waits for the client to take what it was sent, so that a slow one costs no memory. */
async function write(
  response: Response,
  text: string | Buffer,
  measured = (send: () => boolean): boolean => send(),
): Promise<void> {
  if (response.closed || measured(() => response.write(text))) return;
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
