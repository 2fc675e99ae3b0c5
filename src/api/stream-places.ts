import type { ApiLimits } from './limits.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';

type Bounds = Pick<ApiLimits, 'eventStreamsMax' | 'eventStreamsPerAddressMax'>;

/** The event streams of one app that are open, and to whom. */
export class StreamPlaces {
  readonly #limits: Bounds;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(limits: Bounds) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** Returns how to give the place back. Throws Problem STREAMS_EXHAUSTED. */
  take(address: string): () => void {
    const { eventStreamsMax, eventStreamsPerAddressMax } = this.#limits;
    const own = this.#byAddress.get(address) ?? 0;
    if (this.#count >= eventStreamsMax) throw exhausted(`${eventStreamsMax} are open.`);
    if (own >= eventStreamsPerAddressMax) {
      throw exhausted(`${eventStreamsPerAddressMax} are open to this address.`);
    }
    this.#count += 1;
    this.#byAddress.set(address, own + 1);
    return () => {
      this.#count -= 1;
      const left = (this.#byAddress.get(address) ?? 0) - 1;
      if (left > 0) this.#byAddress.set(address, left);
      else this.#byAddress.delete(address);
    };
  }
}

const exhausted = (detail: string): Problem =>
  new Problem(apiResults.STREAMS_EXHAUSTED, detail, { headers: { 'Retry-After': '10' } });
