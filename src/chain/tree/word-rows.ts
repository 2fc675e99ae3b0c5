/** How many rows one chunk has: what a tree of few keys costs, and how smoothly a large one grows. */
const chunkRowsLog2 = 10;
const chunkRows = 1 << chunkRowsLog2;

interface Chunk {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/**
 * Rows of `width` 32-bit words, in chunks outside the garbage-collected heap that are never moved.
 * A released row is given out again before a new one. Rows hold what was in them before.
 */
export class WordRows {
  readonly #width: number;
  readonly #chunks: Chunk[] = [];
  readonly #free: number[] = [];
  #next = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** Bytes of all chunks. */
  get allocatedBytes(): number {
    return this.#chunks.length * chunkRows * this.#width * 4;
  }

  allocate(): number {
    const freed = this.#free.pop();
    if (freed !== undefined) return freed;
    if (this.#next >> chunkRowsLog2 === this.#chunks.length) {
      const words = new Int32Array(chunkRows * this.#width);
      this.#chunks.push({ words, bytes: new Uint8Array(words.buffer) });
    }
    return this.#next++;
  }

  release(row: number): void {
    this.#free.push(row);
  }

  /** The chunk that holds the row, from `offset(row)` on. */
  words(row: number): Int32Array {
    return this.#chunk(row).words;
  }

  bytes(row: number): Uint8Array {
    return this.#chunk(row).bytes;
  }

  /** In words; four bytes each. */
  offset(row: number): number {
    return (row & (chunkRows - 1)) * this.#width;
  }

  #chunk(row: number): Chunk {
    const chunk = this.#chunks[row >> chunkRowsLog2];
    if (!chunk) throw new RangeError(`row ${row} was never given out`);
    return chunk;
  }
}
