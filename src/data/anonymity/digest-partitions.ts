/** Bytes of a digest by which rows are told apart. */
export const rowDigestBytes = 16;
/** Among which digests are divided by their first bits: one at a time is counted. */
export const partitions = 64;

/** Where digests go that memory is not to hold: files of a temporary folder. */
export interface Spill {
  append(partition: number, digests: Uint8Array): void;
  /** All that was appended. */
  read(partition: number): Uint8Array;
}

/**
 * Digests of rows, in memory until there are too many, then in partitions outside it. Digests are
 * keyed, so that nobody writes rows that meet in one partition.
 */
export class DigestPartitions {
  readonly #spill: Spill | null;
  readonly #heldMax: number;
  #parts: Uint8Array[];
  readonly #lengths = new Uint32Array(partitions);
  #held = 0;
  #count = 0;

  /** @param heldBytesMax in memory, where there is somewhere else to put them */
  constructor(spill: Spill | null = null, heldBytesMax = 2 ** 25) {
    this.#spill = spill;
    this.#heldMax = heldBytesMax;
    this.#parts = Array.from({ length: partitions }, () => new Uint8Array(16 * rowDigestBytes));
  }

  get count(): number {
    return this.#count;
  }

  /** @param digest 16 bytes at `at` */
  add(digest: Uint8Array, at: number): void {
    const partition = (digest[at] as number) >> 2;
    let part = this.#parts[partition] as Uint8Array;
    const length = this.#lengths[partition] as number;
    if (length === part.length) part = this.#grown(partition);
    for (let byte = 0; byte < rowDigestBytes; byte += 1) {
      part[length + byte] = digest[at + byte] as number;
    }
    this.#lengths[partition] = length + rowDigestBytes;
    this.#count += 1;
    this.#held += rowDigestBytes;
    if (this.#spill !== null && this.#held >= this.#heldMax) this.#flush(this.#spill);
  }

  /** The digests of one partition, which is not kept here after that. */
  take(partition: number): Uint8Array {
    const held = (this.#parts[partition] as Uint8Array).subarray(0, this.#lengths[partition]);
    const spilled = this.#spill?.read(partition) ?? new Uint8Array();
    this.#parts[partition] = new Uint8Array();
    this.#lengths[partition] = 0;
    if (spilled.length === 0) return held;
    const all = new Uint8Array(spilled.length + held.length);
    all.set(spilled);
    all.set(held, spilled.length);
    return all;
  }

  #grown(partition: number): Uint8Array {
    const part = this.#parts[partition] as Uint8Array;
    const larger = new Uint8Array(2 * part.length);
    larger.set(part);
    this.#parts[partition] = larger;
    return larger;
  }

  #flush(spill: Spill): void {
    for (const [partition, part] of this.#parts.entries()) {
      spill.append(partition, part.subarray(0, this.#lengths[partition]));
    }
    this.#lengths.fill(0);
    this.#held = 0;
  }
}
