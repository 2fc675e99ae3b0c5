export interface TurnBounds {
  /** Pieces that run at once. */
  readonly atOnce: number;
  /** Of one address, waiting. */
  readonly perAddressMax: number;
  /** Of all, waiting. */
  readonly allMax: number;
}

interface Waiting {
  readonly go: () => void;
  readonly giveWay: () => void;
}

/**
 * Lets few pieces of work run at once. Addresses whose work waits take turns, however much of it each has: a
 * crowd of one address is before nobody else with more than one piece. Where all places are taken,
 * the last of the address that has most gives way to one that has fewer.
 */
export class Turns {
  readonly #bounds: TurnBounds;
  /** The address whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = 0;
  #running = 0;

  constructor(bounds: TurnBounds) {
    this.#bounds = bounds;
  }

  /** Whether more of this address would be refused for what it has waiting itself. */
  isFullFor(address: string): boolean {
    return (this.#waiting.get(address)?.length ?? 0) >= this.#bounds.perAddressMax;
  }

  /** The work’s outcome, when its turn has come. Throws what `refusal` makes where none will. */
  async run<Value>(
    address: string,
    work: () => Promise<Value>,
    refusal: () => Error,
  ): Promise<Value> {
    if (this.#running < this.#bounds.atOnce) this.#running += 1;
    else await this.#wait(address, refusal);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #wait(address: string, refusal: () => Error): Promise<void> {
    const own = this.#waiting.get(address) ?? [];
    if (own.length >= this.#bounds.perAddressMax) return Promise.reject(refusal());
    if (this.#count >= this.#bounds.allMax && !this.#makeRoom(own.length + 1)) {
      return Promise.reject(refusal());
    }
    return new Promise<void>((go, reject) => {
      own.push({ go, giveWay: () => reject(refusal()) });
      this.#waiting.set(address, own);
      this.#count += 1;
    });
  }

  #makeRoom(moreThan: number): boolean {
    let largest: [string, Waiting[]] | null = null;
    for (const entry of this.#waiting) {
      if (entry[1].length > (largest?.[1].length ?? moreThan)) largest = entry;
    }
    if (!largest) return false;
    const [address, all] = largest;
    all.pop()?.giveWay();
    if (all.length === 0) this.#waiting.delete(address);
    this.#count -= 1;
    return true;
  }

  /** Who waits takes the place of who is done. */
  #next(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#running -= 1;
      return;
    }
    const [address, own] = first;
    const next = own.shift();
    this.#waiting.delete(address);
    if (own.length > 0) this.#waiting.set(address, own);
    this.#count -= 1;
    next?.go();
  }
}
