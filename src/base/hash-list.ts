const hashBytes = 32;
const chunkRowsLog2 = 12;
const chunkRows = 1 << chunkRowsLog2;
const firstRows = 16;

/**
 * A list of 32-byte hashes outside the garbage-collected heap: 32 bytes each, where one typed array
 * each costs 150 and more. Grows by chunks of 4,096; a list of few takes what few need.
 */
export class HashList {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(hash: Uint8Array): void {
    const row = this.#length & (chunkRows - 1);
    this.#chunkFor(this.#length >> chunkRowsLog2, row).set(hash, row * hashBytes);
    this.#length += 1;
  }

  /** A copy, or undefined beyond the end. */
  at(index: number): Uint8Array | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    const from = (index & (chunkRows - 1)) * hashBytes;
    return this.#chunks[index >> chunkRowsLog2]?.slice(from, from + hashBytes);
  }

  /** Forgets the hashes from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #chunkFor(index: number, row: number): Uint8Array {
    const chunk = this.#chunks[index];
    if (chunk && row * hashBytes < chunk.length) return chunk;
    const rows = index > 0 ? chunkRows : Math.max(firstRows, row * 2);
    const larger = new Uint8Array(rows * hashBytes);
    if (chunk) larger.set(chunk);
    this.#chunks[index] = larger;
    return larger;
  }
}
