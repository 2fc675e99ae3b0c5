import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ContentPiece } from '../chain/archive/content-frame.ts';
import type { ContentStore } from '../store/content-store.ts';

interface Arriving {
  readonly stream: PassThrough;
  readonly kept: Promise<unknown>;
}

/**
 * Puts content into a store as its pieces come. What is there whole already is passed over, so an
 * import that was cut off goes on. Throws what the store throws: CONTENT_OTHER, CONTENT_CORRUPT.
 */
export class ContentReceiver {
  readonly #store: ContentStore;
  #arriving: Arriving | null = null;

  constructor(store: ContentStore) {
    this.#store = store;
  }

  async take({ digest, offset, last, data }: ContentPiece): Promise<void> {
    if (offset === 0) this.#arriving = (await this.#store.has(digest)) ? null : this.#begin(digest);
    if (!this.#arriving) return;
    const { stream, kept } = this.#arriving;
    // A disk that fails ends the writing, and nobody drains the stream any more.
    if (!stream.write(data)) await Promise.race([once(stream, 'drain'), kept]);
    if (!last) return;
    stream.end();
    this.#arriving = null;
    await kept;
  }

  /** Lets go of what has not come to its end; nothing of that is kept. */
  async stop(): Promise<void> {
    const arriving = this.#arriving;
    this.#arriving = null;
    arriving?.stream.destroy(new Error('the file ended within a content'));
    await arriving?.kept.catch(() => undefined);
  }

  #begin(digest: string): Arriving {
    const stream = new PassThrough();
    const limits = { maxBytes: Number.MAX_SAFE_INTEGER, digest };
    const kept = this.#store.put(stream, limits);
    // It is awaited with a later piece.
    kept.catch(() => undefined);
    return { stream, kept };
  }
}
