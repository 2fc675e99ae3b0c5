import { compareText } from '../../base/bytes.ts';

const bucketMax = 512;

/** A set of texts in byte order: adding and removing moves one bucket of at most 512 of them. */
export class SortedKeys {
  /** In order, none of them empty, each in order. */
  readonly #buckets: string[][] = [];

  add(key: string): void {
    const at = this.#bucketOf(key);
    const bucket = this.#buckets[at];
    if (!bucket) {
      this.#buckets.push([key]);
      return;
    }
    const position = firstNotBelow(bucket, key);
    if (bucket[position] === key) return;
    bucket.splice(position, 0, key);
    if (bucket.length > bucketMax) {
      this.#buckets.splice(at + 1, 0, bucket.splice(bucketMax >> 1));
    }
  }

  delete(key: string): void {
    const at = this.#bucketOf(key);
    const bucket = this.#buckets[at];
    if (!bucket) return;
    const position = firstNotBelow(bucket, key);
    if (bucket[position] !== key) return;
    bucket.splice(position, 1);
    if (bucket.length === 0) this.#buckets.splice(at, 1);
  }

  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (const bucket of this.#buckets) yield* bucket;
  }

  /** The last bucket that does not begin above the key, or the first one. */
  #bucketOf(key: string): number {
    let [low, high] = [0, this.#buckets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareText(this.#buckets[middle]?.[0] ?? '', key) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }
}

function firstNotBelow(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(sorted[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
