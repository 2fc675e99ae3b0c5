import { buffer } from 'node:stream/consumers';
import type { Hex } from '../base/bytes.ts';
import {
  decodeManifest,
  isManifest,
  manifestBytesMax,
  type ContentManifest,
} from '../content/manifest.ts';
import type { ContentStore } from './content-store.ts';

/**
 * Null where nothing is kept under the digest, or what is no manifest. Throws OperationalError
 * CONTENT_CORRUPT.
 */
export async function readManifest(
  content: Pick<ContentStore, 'sizeOf' | 'slice' | 'get'>,
  digest: Hex,
): Promise<ContentManifest | null> {
  const bytes = await content.sizeOf(digest);
  if (bytes === null || bytes > manifestBytesMax) return null;
  const begin = await content.slice(digest, 0, 64);
  if (!begin || !isManifest(await buffer(begin))) return null;
  const whole = await content.get(digest);
  return whole && decodeManifest(await buffer(whole));
}
