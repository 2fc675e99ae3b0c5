/** What became of units that were asked for. */
export interface Taken {
  readonly taken: boolean;
  /** Units that are left now. */
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly resetSeconds: number;
  /** Until there are as many units as were asked for. */
  readonly waitSeconds: number;
}

interface Bucket {
  units: number;
  atMs: number;
}

/** Buckets are looked through for full ones when there are so many. */
const bucketsMax = 20_000;

/**
 * A bucket for each network address: full at first, filled evenly over a minute, and never fuller
 * than a minute’s worth. Memory is bounded: full buckets are forgotten, the oldest ones too where
 * there are very many addresses.
 */
export class RateBuckets {
  readonly #unitsMax: number;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param nowMs of a clock that never goes back */
  constructor(unitsPerMinute: number, nowMs: () => number) {
    this.#unitsMax = unitsPerMinute;
    this.#nowMs = nowMs;
  }

  /** All units or none. */
  take(address: string, units: number): Taken {
    const bucket = this.#bucketOf(address);
    const taken = bucket.units >= units;
    if (taken) bucket.units -= units;
    const perSecond = this.#unitsMax / 60;
    return {
      taken,
      remaining: Math.floor(bucket.units),
      resetSeconds: Math.ceil((this.#unitsMax - bucket.units) / perSecond),
      waitSeconds: Math.max(1, Math.ceil((units - bucket.units) / perSecond)),
    };
  }

  #bucketOf(address: string): Bucket {
    const nowMs = this.#nowMs();
    const known = this.#buckets.get(address);
    if (known) {
      known.units = this.#unitsAt(known, nowMs);
      known.atMs = nowMs;
      return known;
    }
    if (this.#buckets.size >= bucketsMax) this.#forget(nowMs);
    const bucket = { units: this.#unitsMax, atMs: nowMs };
    this.#buckets.set(address, bucket);
    return bucket;
  }

  #unitsAt({ units, atMs }: Bucket, nowMs: number): number {
    return Math.min(this.#unitsMax, units + ((nowMs - atMs) * this.#unitsMax) / 60_000);
  }

  #forget(nowMs: number): void {
    for (const [address, bucket] of this.#buckets) {
      if (this.#unitsAt(bucket, nowMs) >= this.#unitsMax) this.#buckets.delete(address);
    }
    for (const address of this.#buckets.keys()) {
      if (this.#buckets.size < bucketsMax) return;
      this.#buckets.delete(address);
    }
  }
}
