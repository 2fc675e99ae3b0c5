/**
 * Hands out one key's sequence numbers to submissions that run at once. Numbers may be used out of
 * order within the chain's window, so a slow one holds up nobody.
 */
export class SequenceCounter {
  readonly #read: () => Promise<number>;
  #next: Promise<number> | null = null;
  #returned: number[] = [];
  #held = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param read the next number as the chain has it. */
  constructor(read: () => Promise<number>) {
    this.#read = read;
  }

  /** The caller gives the number up again by `use`, `giveBack` or `distrust`, once. */
  async take(): Promise<number> {
    if (this.#held >= heldMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held += 1;
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    const taken = this.#next ?? this.#read();
    this.#next = taken.then((number) => number + 1);
    // Who awaits `taken` hears of a failure; this copy may have no listener.
    this.#next.catch(() => undefined);
    try {
      return await taken;
    } catch (error) {
      this.#next = null;
      this.#release();
      throw error;
    }
  }

  /**
   * One number at least, up to `count` of those that are free now: whoever holds some never waits
   * for more. Each is given up again as after `take`.
   */
  async takeUpTo(count: number): Promise<number[]> {
    const taken = [await this.take()];
    while (taken.length < count && this.#held < heldMax) taken.push(await this.take());
    return taken;
  }

  /** The number stands in a block, or nobody knows whether it does. */
  use(): void {
    this.#release();
  }

  /**
   * Refused before any block. The next envelope takes the same number, so that at most one of the
   * two can ever be executed, whoever kept the first.
   */
  giveBack(number: number): void {
    this.#returned.push(number);
    this.#returned.sort((left, right) => left - right);
    this.#release();
  }

  /** Somebody else signs with this key: asks the chain again before the next number. */
  distrust(): void {
    this.#next = null;
    this.#returned = [];
    this.#release();
  }

  #release(): void {
    this.#held -= 1;
    this.#waiting.shift()?.();
  }
}

/** Half of the smallest window in use, so that numbers in flight are always within it. */
const heldMax = 64;
