import { Problem } from './problem.ts';
import { apiResults } from './results.ts';

/** Bytes of bodies and answers that one app holds at once, over all requests that share the bound. */
export interface HeldBytes {
  count: number;
}

/** What one request holds of them. */
export class Holding {
  readonly #held: HeldBytes;
  readonly #bytesMax: number;
  #own = 0;

  constructor(held: HeldBytes, bytesMax: number) {
    this.#held = held;
    this.#bytesMax = bytesMax;
  }

  /** Throws Problem BATCHES_EXHAUSTED where the bound would be passed. */
  take(bytes: number): void {
    if (this.#held.count + bytes > this.#bytesMax) {
      // The rest of the body is not read: the connection cannot serve another request.
      throw new Problem(apiResults.BATCHES_EXHAUSTED, `${this.#bytesMax} bytes.`, {
        headers: { 'Retry-After': '1', Connection: 'close' },
      });
    }
    this.#held.count += bytes;
    this.#own += bytes;
  }

  release(): void {
    this.#held.count -= this.#own;
    this.#own = 0;
  }
}
