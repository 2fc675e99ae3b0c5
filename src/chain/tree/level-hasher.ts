import { hashInto } from '@chainsafe/hashtree';

/** Pairs hashed by one native call: 512 KiB in and 256 KiB out, inside a core's own cache. */
const pairsMax = 4_096;

/**
 * SHA-256 of many 64-byte inputs by one native call, which costs about 0.07 µs each where one at a
 * time costs 2.7 µs. Inputs and digests are moved as words, whose byte order therefore is no matter.
 */
export class LevelHasher {
  readonly #inputs = new Int32Array(pairsMax * 16);
  readonly #digests = new Int32Array(pairsMax * 8);
  readonly #inputBytes = new Uint8Array(this.#inputs.buffer);
  readonly #digestBytes = new Uint8Array(this.#digests.buffer);

  /**
   * For each item: `fill` writes its 16 words at the offset, `take` reads its 8 words from there.
   * @param items any number of them.
   */
  run(
    items: readonly number[],
    fill: (item: number, words: Int32Array, at: number) => void,
    take: (item: number, words: Int32Array, at: number) => void,
  ): void {
    for (let start = 0; start < items.length; start += pairsMax) {
      const count = Math.min(pairsMax, items.length - start);
      for (let index = 0; index < count; index += 1) {
        fill(items[start + index] ?? 0, this.#inputs, index * 16);
      }
      hashInto(this.#inputBytes.subarray(0, count * 64), this.#digestBytes.subarray(0, count * 32));
      for (let index = 0; index < count; index += 1) {
        take(items[start + index] ?? 0, this.#digests, index * 8);
      }
    }
  }
}
