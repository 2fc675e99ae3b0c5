import { performance } from 'node:perf_hooks';
import { setImmediate as yieldThread } from 'node:timers/promises';

/**
 * A share of the thread, which blocks and all requests have in common, for work that may wait. It is
 * measured: whoever has it do more waits longer, and the rest of the node does not. What was not used
 * is kept for half a second’s worth, so single pieces do not wait.
 */
export class ThreadShare {
  readonly #msPerSecond: number;
  readonly #nowMs: () => number;
  #creditMs: number;
  #atMs: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param nowMs of a clock that never goes back */
  constructor(msPerSecond: number, nowMs: () => number = () => performance.now()) {
    this.#msPerSecond = msPerSecond;
    this.#nowMs = nowMs;
    this.#creditMs = this.#creditMsMax;
    this.#atMs = nowMs();
  }

  get #creditMsMax(): number {
    return this.#msPerSecond / 2;
  }

  /**
   * A step’s outcome, after the steps that were asked for before and the rest that they earned. A step
   * that reads counts until it has read: what it waits for is work of this machine as well.
   */
  run<Value>(step: () => Value | Promise<Value>): Promise<Value> {
    const done = this.#last.then(async () => {
      await this.#rest();
      const startMs = this.#nowMs();
      try {
        return await step();
      } finally {
        this.owe(this.#nowMs() - startMs);
      }
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** When the share has time again, after the steps that were asked for before. */
  wait(): Promise<void> {
    return this.run(() => undefined);
  }

  /** Counts time that was spent outside of `run`. */
  owe(ms: number): void {
    this.#creditMs -= ms;
  }

  async #rest(): Promise<void> {
    // Others come in between two steps, also where there is credit.
    await yieldThread();
    for (;;) {
      const nowMs = this.#nowMs();
      const earnedMs = ((nowMs - this.#atMs) * this.#msPerSecond) / 1_000;
      this.#atMs = nowMs;
      this.#creditMs = Math.min(this.#creditMsMax, this.#creditMs + earnedMs);
      if (this.#creditMs >= 0) return;
      const waitMs = Math.ceil((-this.#creditMs * 1_000) / this.#msPerSecond);
      await new Promise<void>((resolve) => void setTimeout(resolve, waitMs).unref());
    }
  }
}
