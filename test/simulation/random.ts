import { sha256 } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';

/** Small fast counter generator of 32 bits (sfc32, C. Doty-Humphrey): the same on every machine. */
export class Random {
  readonly #state: Uint32Array;

  /** Streams of one seed with different names are independent. */
  constructor(seed: number, stream: string) {
    const digest = sha256(utf8(`${seed}/${stream}`));
    this.#state = new Uint32Array(digest.slice(0, 16).buffer);
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const result = (a + b + counter) >>> 0;
    this.#state[3] = counter + 1;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + result;
    return result;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.#next() < probability * 2 ** 32;
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.below(items.length)];
  }

  /** One of a list that is not empty. */
  one<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
