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
  readonly messages: Buffer;
  /** Where the message of each event begins. */
  readonly starts: readonly { readonly logIndex: number; readonly at: number }[];
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
   * What comes after a log index, up to the end of its page.
   * @param upTo every event up to there can be read
   */
  read(address: string, after: number, upTo: number, filter: EventFilter): Promise<FeedRead> {
    const { stream, kind, recordId } = filter;
    const all = (stream ?? kind ?? recordId) === undefined;
    const step = async () =>
      all ? this.#readPage(after, upTo) : this.#readFiltered(after, upTo, filter);
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
    const { messages, starts } = this.#kept(number) ?? (await this.#load(number, last <= upTo));
    const from = starts.find(({ logIndex }) => logIndex > after)?.at ?? messages.length;
    const newest = starts.at(-1)?.logIndex ?? after;
    return {
      messages: messages.subarray(from),
      upTo: last <= upTo ? last : Math.max(after, newest, Math.min(upTo, last)),
    };
  }

  #kept(number: number): Page | null {
    const page = this.#pages.get(number);
    if (!page) return null;
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }

  async #load(number: number, isWhole: boolean): Promise<Page> {
    const first = number * pageIndexes;
    const upTo = first + pageIndexes - 1;
    const query = { after: first - 1, upTo, limit: pageIndexes };
    const { value } = await this.#options.projector.listEvents(query);
    const page = pageOf(value);
    if (isWhole) this.#keep(number, page);
    return page;
  }

  #keep(number: number, page: Page): void {
    this.#pages.set(number, page);
    this.#bytes += page.messages.length;
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
      messages: pageOf(value).messages,
      upTo: value.length < pageIndexes ? Math.max(last, upTo) : last,
    };
  }
}

function pageOf(events: readonly EventView[]): Page {
  const messages = events.map((event) => Buffer.from(messageOf(event)));
  let at = 0;
  const starts = messages.map((message, index) => {
    const start = { logIndex: (events[index] as EventView).logIndex, at };
    at += message.length;
    return start;
  });
  return { messages: Buffer.concat(messages, at), starts };
}

const tooMany = (): Problem =>
  new Problem(apiResults.STREAMS_EXHAUSTED, 'As many wait to be read for as may be open.');
