/** What streams that are behind read of the log: in turns, and what several want once for all. */
import { performance } from 'node:perf_hooks';
import type { EventView } from '../store/projection-reader.ts';
import type { Projector } from '../store/projection.ts';
import { messageOf, type EventFilter, type FeedRead } from './event-feed.ts';
import type { ApiLimits } from './limits.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import { ThreadShare } from './thread-share.ts';
import { Turns } from './turns.ts';

/** Log indexes of a page, about half of which are events. */
const pageIndexes = 128;

interface Page {
  /** All that it is to have up to there, it has. */
  readonly upTo: number;
  readonly messages: Buffer;
  /** Where the message of each event begins. */
  readonly starts: readonly { readonly logIndex: number; readonly at: number }[];
}

/** Of one stream. */
export interface Reading {
  readonly address: string;
  readonly filter: EventFilter;
  readonly isOver: () => boolean;
}

export interface CatchUpOptions {
  readonly projector: Pick<Projector, 'listEvents'>;
  readonly limits: Pick<
    ApiLimits,
    'longWorkMsPerSecond' | 'eventStreamsMax' | 'eventPagesBytesMax'
  >;
}

/**
 * All streams that are behind have together one share of the thread and one query at a time; addresses
 * take turns. Pages begin at the same places for all, and those that were read last are kept.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #share: ThreadShare;
  readonly #turns: Turns;
  /** By number, the one that was used last at the end. */
  readonly #pages = new Map<number, Page>();
  #bytes = 0;

  constructor(options: CatchUpOptions) {
    const { eventStreamsMax, longWorkMsPerSecond } = options.limits;
    this.#options = options;
    this.#share = new ThreadShare(longWorkMsPerSecond);
    const waiting = { perAddressMax: eventStreamsMax, allMax: eventStreamsMax };
    this.#turns = new Turns({ atOnce: 1, ...waiting });
  }

  /**
   * What comes after a log index, up to the end of its page; nothing where nobody wants it any more when
   * its turn has come.
   * @param upTo every event up to there can be read
   */
  read({ address, filter, isOver }: Reading, after: number, upTo: number): Promise<FeedRead> {
    const { stream, kind, recordId } = filter;
    const all = (stream ?? kind ?? recordId) === undefined;
    const step = async () => {
      if (isOver()) return { messages: Buffer.alloc(0), upTo: after };
      return all ? this.#readPage(after, upTo) : this.#readFiltered(after, upTo, filter);
    };
    return this.#turns.run(address, () => this.#share.run(step), tooMany);
  }

  /** Counts what handing over to the client took, too: what is kept is not free to be sent. */
  measure(write: () => boolean): boolean {
    const startMs = performance.now();
    const taken = write();
    this.#share.owe(performance.now() - startMs);
    return taken;
  }

  async #readPage(after: number, upTo: number): Promise<FeedRead> {
    const number = Math.floor((after + 1) / pageIndexes);
    const last = (number + 1) * pageIndexes - 1;
    const there = Math.min(last, upTo);
    const page = this.#kept(number, there) ?? (await this.#load(number, there));
    const from = page.starts.find(({ logIndex }) => logIndex > after)?.at ?? page.messages.length;
    return { messages: page.messages.subarray(from), upTo: Math.max(after, page.upTo) };
  }

  #kept(number: number, upTo: number): Page | null {
    const page = this.#pages.get(number);
    if (!page || page.upTo < upTo) return null;
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }

  async #load(number: number, upTo: number): Promise<Page> {
    const query = { after: number * pageIndexes - 1, upTo, limit: pageIndexes };
    const { value } = await this.#options.projector.listEvents(query);
    const page = pageOf(value, upTo);
    this.#keep(number, page);
    return page;
  }

  #keep(number: number, page: Page): void {
    this.#bytes += page.messages.length - (this.#pages.get(number)?.messages.length ?? 0);
    this.#pages.delete(number);
    this.#pages.set(number, page);
    for (const [oldest, { messages }] of this.#pages) {
      if (this.#bytes <= this.#options.limits.eventPagesBytesMax) return;
      this.#pages.delete(oldest);
      this.#bytes -= messages.length;
    }
  }

  async #readFiltered(after: number, upTo: number, filter: EventFilter): Promise<FeedRead> {
    const query = { ...filter, after, limit: pageIndexes };
    const { value } = await this.#options.projector.listEvents(query);
    const last = value.at(-1)?.logIndex ?? after;
    return {
      messages: pageOf(value, last).messages,
      upTo: value.length < pageIndexes ? Math.max(last, upTo) : last,
    };
  }
}

function pageOf(events: readonly EventView[], upTo: number): Page {
  const messages = events.map((event) => Buffer.from(messageOf(event)));
  let at = 0;
  const starts = messages.map((message, index) => {
    const start = { logIndex: (events[index] as EventView).logIndex, at };
    at += message.length;
    return start;
  });
  return { messages: Buffer.concat(messages, at), starts, upTo };
}

const tooMany = (): Problem =>
  new Problem(apiResults.STREAMS_EXHAUSTED, 'As many wait to be read for as may be open.');
