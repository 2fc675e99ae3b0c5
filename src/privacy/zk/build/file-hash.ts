import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Hex } from '../../../base/bytes.ts';

/** SHA-256 of a file, streamed: proving keys are tens of megabytes. */
export async function hashFile(path: string): Promise<Hex> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
