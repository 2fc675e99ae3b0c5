import { createReadStream } from 'node:fs';
import { OperationalError } from '../../base/operational-error.ts';

/**
 * A file's bytes, or bytes as they come. A file is opened when the first are asked for, so that what
 * is wrong with it is told to who asks. Throws OperationalError FILE_UNREADABLE.
 */
export async function* bytesFrom(
  source: string | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof source !== 'string') {
    yield* source;
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
