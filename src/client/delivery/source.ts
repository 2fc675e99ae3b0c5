import { createReadStream } from 'node:fs';
import { OperationalError } from '../../base/operational-error.ts';

/** A file behind bytes of its own: a package, of which no copy is written. */
export interface HeadedFile {
  readonly head: Uint8Array;
  readonly file: string;
}

/** What is encrypted. */
export type DeliverySource = string | HeadedFile | AsyncIterable<Uint8Array>;

const isHeaded = (source: HeadedFile | AsyncIterable<Uint8Array>): source is HeadedFile =>
  'head' in source;

/**
 * A file's bytes, or bytes as they come. A file is opened when the first are asked for, so that what
 * is wrong with it is told to who asks. Throws OperationalError FILE_UNREADABLE.
 */
export async function* bytesFrom(
  source: DeliverySource,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof source !== 'string') {
    if (!isHeaded(source)) {
      yield* source;
      return;
    }
    yield source.head;
    yield* bytesFrom(source.file);
    return;
  }
  try {
    yield* createReadStream(source) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new OperationalError(
      'FILE_UNREADABLE',
      `${source} cannot be read: ${(cause as Error).message}. Name a file that is there and yours.`,
      { cause },
    );
  }
}
