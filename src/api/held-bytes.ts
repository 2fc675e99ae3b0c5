/** Bytes that one app holds at once over all requests: in all, and of one network address. */
export class HeldBytes {
  readonly #bytesMax: number;
  readonly #addressBytesMax: number;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  /** @param addressShare of the whole, for one address */
  constructor(bytesMax: number, addressShare = 1 / 4) {
    this.#bytesMax = bytesMax;
    this.#addressBytesMax = Math.ceil(bytesMax * addressShare);
  }

  get count(): number {
    return this.#count;
  }

  get bytesMax(): number {
    return this.#bytesMax;
  }

  get addressBytesMax(): number {
    return this.#addressBytesMax;
  }

  open(address: string): Holding {
    return new Holding(this, address);
  }

  /** False, and nothing is taken, where a bound would be passed. */
  take(address: string, bytes: number): boolean {
    const own = (this.#byAddress.get(address) ?? 0) + bytes;
    if (this.#count + bytes > this.#bytesMax || own > this.#addressBytesMax) return false;
    this.#count += bytes;
    this.#byAddress.set(address, own);
    return true;
  }

  release(address: string, bytes: number): void {
    this.#count -= bytes;
    const own = (this.#byAddress.get(address) ?? 0) - bytes;
    if (own > 0) this.#byAddress.set(address, own);
    else this.#byAddress.delete(address);
  }
}

/** What one request holds of them. */
export class Holding {
  readonly #held: HeldBytes;
  readonly #address: string;
  #own = 0;

  constructor(held: HeldBytes, address: string) {
    this.#held = held;
    this.#address = address;
  }

  /** False, and nothing is taken, where a bound would be passed. */
  take(bytes: number): boolean {
    if (!this.#held.take(this.#address, bytes)) return false;
    this.#own += bytes;
    return true;
  }

  release(): void {
    if (this.#own > 0) this.#held.release(this.#address, this.#own);
    this.#own = 0;
  }
}
