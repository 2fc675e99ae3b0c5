import { performance } from 'node:perf_hooks';
import type { ApiLimits } from './limits.ts';
import { RateBuckets } from './rate-bucket.ts';

/** Of one address, that are told at once: so many in a minute. */
const promptPerMinute = 60;

/**
 * How long a refusal is put off. Whoever comes again as soon as it is refused costs a node more by its
 * connections than by what it was refused for; one that waits for its answer costs nothing.
 */
export class Refusals {
  readonly #delayMs: number;
  readonly #prompt = new RateBuckets(promptPerMinute, () => performance.now());

  constructor({ refusalDelayMs }: Pick<ApiLimits, 'refusalDelayMs'>) {
    this.#delayMs = refusalDelayMs;
  }

  /** Counts one of an address. */
  delayOf(address: string): number {
    return this.#prompt.take(address, 1).taken ? 0 : this.#delayMs;
  }
}
