/** What happens, read once for all event streams that keep up. */
import type { Logger } from 'pino';
import type { EventQuery, EventView } from '../store/projection-reader.ts';
import type { Projector } from '../store/projection.ts';
import { eventView } from './event-view.ts';

export type EventFilter = Pick<EventQuery, 'stream' | 'kind' | 'recordId'>;

export interface FeedRead {
  /** Messages of server-sent events; empty where none of them passes the filter. */
  readonly messages: Buffer;
  /** Log index up to which they were looked through. */
  readonly upTo: number;
}

interface Kept {
  readonly event: EventView;
  readonly message: string;
}

export interface EventFeedOptions {
  readonly projector: Pick<Projector, 'listEvents' | 'readCursor' | 'onAdvance'>;
  readonly log: Logger;
  readonly ringBytesMax: number;
}

const pageSize = 200;
/** Of one read: what a stream holds in memory while its client takes it. */
const readBytesMax = 256 * 1024;

export const messageOf = (event: EventView): string =>
  `id: ${event.logIndex}\nevent: ${event.name}\ndata: ${JSON.stringify(eventView(event))}\n\n`;

/**
 * Keeps the newest events in memory, as many bytes as it may, while there are streams. A stream
 * whose place is no longer among them reads for itself until it is.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #members = new Set<() => void>();
  #ring: Kept[] = [];
  #ringBytes = 0;
  /** The ring has every event above this log index, up to `#upTo`. */
  #after = -1;
  #upTo = -1;
  #stop: (() => void) | null = null;
  #opening: Promise<void> | null = null;
  #pumping = false;
  #again = false;
  #lastRead: { readonly after: number; readonly read: FeedRead } | null = null;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  get upTo(): number {
    return this.#upTo;
  }

  /** Calls back when there is more to read. Returns how to leave. */
  async join(onMore: () => void): Promise<() => void> {
    this.#members.add(onMore);
    try {
      await (this.#opening ??= this.#open());
    } catch (error) {
      this.#leave(onMore);
      throw error;
    }
    return () => this.#leave(onMore);
  }

  /** What came after a log index; null where the ring no longer has all of it. */
  read(after: number, filter: EventFilter): FeedRead | null {
    if (after < this.#after) return null;
    if (after >= this.#upTo) return { messages: Buffer.alloc(0), upTo: after };
    const { stream, kind, recordId } = filter;
    const all = (stream ?? kind ?? recordId) === undefined;
    if (all && this.#lastRead?.after === after) return this.#lastRead.read;
    const texts: string[] = [];
    let upTo = this.#upTo;
    let length = 0;
    for (let at = this.#indexAfter(after); at < this.#ring.length; at += 1) {
      const { event, message } = this.#ring[at] as Kept;
      if (!passes(event, filter)) continue;
      if (length > readBytesMax) {
        upTo = event.logIndex - 1;
        break;
      }
      texts.push(message);
      length += message.length;
    }
    const read = { messages: Buffer.from(texts.join('')), upTo };
    if (all) this.#lastRead = { after, read };
    return read;
  }

  async #open(): Promise<void> {
    const { projector } = this.#options;
    const { logIndex } = await projector.readCursor();
    this.#after = this.#upTo = logIndex - 1;
    this.#stop = projector.onAdvance(() => void this.#pump());
    // What came between the look and the subscription.
    void this.#pump();
  }

  #leave(onMore: () => void): void {
    this.#members.delete(onMore);
    if (this.#members.size > 0) return;
    this.#stop?.();
    this.#stop = null;
    this.#opening = null;
    this.#ring = [];
    this.#ringBytes = 0;
    this.#lastRead = null;
  }

  /** One reading at a time; what is told of meanwhile is read after it. */
  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again && this.#stop) {
        this.#again = false;
        await this.#readPage();
      }
    } catch (error) {
      // The next block tries again; streams wait for it.
      this.#options.log.error({ err: error }, 'events for streams were not read');
    } finally {
      this.#pumping = false;
    }
  }

  async #readPage(): Promise<void> {
    const after = this.#upTo;
    const { value } = await this.#options.projector.listEvents({ after, limit: pageSize });
    if (this.#upTo !== after || this.#members.size === 0) return;
    for (const event of value) {
      const message = messageOf(event);
      this.#ring.push({ event, message });
      this.#ringBytes += message.length;
      this.#upTo = event.logIndex;
    }
    this.#trim();
    this.#lastRead = null;
    if (value.length === pageSize) this.#again = true;
    if (value.length > 0) for (const onMore of this.#members) onMore();
  }

  #trim(): void {
    let count = 0;
    while (this.#ringBytes > this.#options.ringBytesMax && count < this.#ring.length) {
      const { event, message } = this.#ring[count] as Kept;
      this.#ringBytes -= message.length;
      this.#after = event.logIndex;
      count += 1;
    }
    if (count > 0) this.#ring.splice(0, count);
  }

  #indexAfter(after: number): number {
    let [low, high] = [0, this.#ring.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ring[middle] as Kept).event.logIndex > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const passes = (event: EventView, { stream, kind, recordId }: EventFilter): boolean =>
  (stream === undefined || event.stream === stream) &&
  (kind === undefined || event.kind === kind) &&
  (recordId === undefined || event.recordId === recordId);
