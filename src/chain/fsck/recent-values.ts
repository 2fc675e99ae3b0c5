/** Of both generations together. */
const bytesMaxUsual = 16 * 2 ** 20;
/** The map's entry, the text and the typed array of one, beside the value. */
const bytesPerEntry = 250;

/** Values used last, in two generations as pages are: never more than `bytesMax` and one value. */
export class RecentValues {
  readonly #bytesMax: number;
  #young = new Map<string, Uint8Array>();
  #old = new Map<string, Uint8Array>();
  #youngBytes = 0;

  constructor(bytesMax = bytesMaxUsual) {
    this.#bytesMax = bytesMax;
  }

  get(key: string): Uint8Array | undefined {
    const young = this.#young.get(key);
    if (young) return young;
    const old = this.#old.get(key);
    if (old) this.put(key, old);
    return old;
  }

  put(key: string, value: Uint8Array): void {
    this.drop(key);
    const bytes = bytesPerEntry + value.length;
    if (2 * (this.#youngBytes + bytes) > this.#bytesMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, value);
    this.#youngBytes += bytes;
  }

  drop(key: string): void {
    const young = this.#young.get(key);
    if (young) this.#youngBytes -= bytesPerEntry + young.length;
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
