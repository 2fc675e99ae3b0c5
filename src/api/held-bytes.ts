/**
 * Bytes that one app holds at once over all requests. One network address has at most a third of what it
 * leaves free: alone that is a quarter of all, and with each address that takes its part the next one’s
 * is smaller. So however many fill what they may, something is left for one that holds little; fixed
 * quarters are gone with the fourth.
 */
export class HeldBytes {
  readonly #bytesMax: number;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#count;
  }

  get bytesMax(): number {
    return this.#bytesMax;
  }

  /** More than one address ever has. */
  get addressBytesMax(): number {
    return Math.ceil(this.#bytesMax / 4);
  }

  open(address: string): Holding {
    return new Holding(this, address);
  }

  /** Whether so many could be taken now. */
  hasRoom(address: string, bytes: number): boolean {
    const own = (this.#byAddress.get(address) ?? 0) + bytes;
    const free = this.#bytesMax - this.#count - bytes;
    return bytes === 0 || 3 * own <= free;
  }

  /** False, and nothing is taken, where a bound would be passed. */
  take(address: string, bytes: number): boolean {
    if (!this.hasRoom(address, bytes)) return false;
    this.#count += bytes;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + bytes);
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
