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
  /** null: it stays. */
  readonly giveWay: (() => void) | null;
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
    return this.#work(work);
  }

  /** The rest of what had a turn before: the next of its address, whatever waits, and never refused. */
  async goOn<Value>(address: string, work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#bounds.atOnce) this.#running += 1;
    else {
      await new Promise<void>((go) => {
        const own = this.#waiting.get(address) ?? [];
        this.#waiting.set(address, [{ go, giveWay: null }, ...own]);
        this.#count += 1;
      });
    }
    return this.#work(work);
  }

  async #work<Value>(work: () => Promise<Value>): Promise<Value> {
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
    const last = largest?.[1].at(-1);
    if (!largest || !last?.giveWay) return false;
    const [address, all] = largest;
    all.pop();
    last.giveWay();
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
