export interface Block {
  readonly index: number;
  readonly bytes: Buffer;
  readonly last: boolean;
}

/**
 * Cuts a stream into blocks of exactly the size that is asked for each, but the last, which has 0 to
 * that; there is always a last one. Holds two blocks at a time.
 */
export async function* blocksOf(
  source: AsyncIterable<Uint8Array>,
  sizeOf: (index: number) => number,
): AsyncGenerator<Block> {
  let index = 0;
  let held = Buffer.alloc(0);
  for await (const piece of source) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    // A block goes out only when more is known to follow it: the last one must be told.
    for (let size = sizeOf(index); held.length > size; size = sizeOf(index)) {
      yield { index, bytes: held.subarray(0, size), last: false };
      held = held.subarray(size);
      index += 1;
    }
  }
  yield { index, bytes: held, last: true };
}
