import { HeldBytes, type Holding } from './held-bytes.ts';
import type { ApiLimits } from './limits.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';

/** Of all bodies that one app is reading or serving. */
export interface BodyBudget {
  readonly beginnings: HeldBytes;
  readonly rest: HeldBytes;
  readonly beginningBytes: number;
}

export const makeBodyBudget = (limits: ApiLimits): BodyBudget => ({
  beginnings: new HeldBytes(limits.smallBodyBytesMax),
  rest: new HeldBytes(limits.bodyBytesMax),
  beginningBytes: limits.smallBodyBytes,
});

/**
 * What one body holds. Its beginning is of a share of its own: however many large bodies are on
 * their way, small ones are read.
 */
export class BodyHolding {
  readonly #budget: BodyBudget;
  readonly #beginning: Holding;
  readonly #rest: Holding;
  #size = 0;

  constructor(budget: BodyBudget, address: string) {
    this.#budget = budget;
    this.#beginning = budget.beginnings.open(address);
    this.#rest = budget.rest.open(address);
  }

  /** Throws Problem BATCHES_EXHAUSTED where a bound would be passed. */
  take(bytes: number): void {
    const { beginningBytes, beginnings, rest } = this.#budget;
    const small = Math.min(bytes, Math.max(0, beginningBytes - this.#size));
    this.#size += bytes;
    if (!this.#beginning.take(small)) throw exhausted(beginnings);
    if (!this.#rest.take(bytes - small)) throw exhausted(rest);
  }

  release(): void {
    this.#beginning.release();
    this.#rest.release();
  }
}

/** The rest of a body is not read: the connection cannot serve another request. */
export const exhausted = ({ bytesMax, addressBytesMax }: HeldBytes): Problem =>
  new Problem(
    apiResults.BATCHES_EXHAUSTED,
    `${bytesMax} bytes in all, up to ${addressBytesMax} of one address, less where others hold some.`,
    { headers: { 'Retry-After': '1', Connection: 'close' } },
  );
