import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import {
  contentBytesMax,
  manifestDigest,
  partBytes,
  partLengths,
  type ContentManifest,
} from '../../content/manifest.ts';

export interface FileContent extends ContentManifest {
  /** What a record names. */
  readonly digest: Hex;
}

/**
 * A file's parts and digest, read once in constant memory. Throws OperationalError FILE_UNREADABLE, or
 * CONTENT_TOO_LARGE where it is empty or longer than content may be.
 */
export async function describeFile(
  file: string,
  onProgress: (bytes: number) => void = () => undefined,
): Promise<FileContent> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new OperationalError(
      'FILE_UNREADABLE',
      `${file} cannot be read: ${(cause as Error).message}. Name a file that is there and yours.`,
      { cause },
    );
  });
  const lengths = partLengths(size);
  if (lengths.length === 0) {
    throw new OperationalError(
      'CONTENT_TOO_LARGE',
      `${file} has ${size} bytes; content has 1 to ${contentBytesMax}. Send it as several.`,
    );
  }
  const parts = [];
  for (const [index, bytes] of lengths.entries()) {
    const hash = createHash('sha256');
    const start = index * partBytes;
    for await (const piece of createReadStream(file, { start, end: start + bytes - 1 })) {
      hash.update(piece as Buffer);
    }
    parts.push({ sha256: hash.digest('hex'), bytes });
    onProgress(start + bytes);
  }
  return { digest: digestOf({ bytes: size, parts }), bytes: size, parts };
}

/** Of content of one part that part's, else that of the manifest. */
export function digestOf(manifest: ContentManifest): Hex {
  const [only, second] = manifest.parts;
  return only && !second ? only.sha256 : manifestDigest(manifest);
}

/** Whether a description is that of the digest: it comes from a stranger. */
export function isOf(digest: Hex, { bytes, parts }: ContentManifest): boolean {
  const lengths = partLengths(bytes);
  const isCut =
    parts.length === lengths.length && parts.every((part, at) => part.bytes === lengths[at]);
  const old = parts.length === 1 && parts[0]?.sha256 === digest && parts[0].bytes === bytes;
  return old || (isCut && digestOf({ bytes, parts }) === digest);
}
