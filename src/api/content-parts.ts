/** Content as its parts, wherever they are: in this node's folder, or with a peer. */
import type { Request } from 'express';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Hex } from '../base/bytes.ts';
import {
  decodeManifest,
  encodeManifest,
  manifestBytesMax,
  partBytes,
  slicesOf,
  type ContentManifest,
  type ContentPart,
} from '../content/manifest.ts';
import { readManifest } from '../store/kept-manifest.ts';
import { fetchFromPeers } from './content-peers.ts';
import type { Services } from './route.ts';

/** Of content that is no manifest: itself as its only part. */
export interface DescribedContent extends ContentManifest {
  readonly digest: Hex;
}

type Parts = Pick<Services, 'content'>;

/** What is kept here under a digest, as parts; null where it is not. */
export async function describeContent(
  { content }: Parts,
  digest: Hex,
): Promise<DescribedContent | null> {
  const bytes = await content.sizeOf(digest);
  if (bytes === null) return null;
  const manifest = await readManifest(content, digest);
  return manifest ? { digest, ...manifest } : { digest, bytes, parts: [{ sha256: digest, bytes }] };
}

/** A description that a peer sent, where it is that of the digest; null otherwise. */
function manifestFrom(value: unknown): ContentManifest | null {
  const { bytes, parts } = (value ?? {}) as Partial<DescribedContent>;
  if (typeof bytes !== 'number' || !Array.isArray(parts)) return null;
  try {
    const encoded = encodeManifest({ bytes, parts: parts as ContentPart[] });
    return decodeManifest(encoded);
  } catch {
    // Fields of another form than encodes.
    return null;
  }
}

/** The description by a peer that gives it to this asker; a manifest is kept where it is right. */
export async function describeFromPeers(
  services: Services,
  request: Request,
  digest: Hex,
): Promise<DescribedContent | null> {
  let found: DescribedContent | null = null;
  await fetchFromPeers(services, request, async (body) => {
    const described = JSON.parse((await buffer(body)).toString('utf8')) as DescribedContent;
    const manifest = manifestFrom(described);
    if (manifest) {
      await services.content.put(encodeManifest(manifest), { maxBytes: manifestBytesMax, digest });
      found = { digest, ...manifest };
      return;
    }
    const { bytes } = described;
    const single = described.parts.length === 1 && described.parts[0]?.sha256 === digest;
    if (!single || !Number.isSafeInteger(bytes)) throw new Error('it describes other content');
    found = { digest, bytes, parts: [{ sha256: digest, bytes }] };
  });
  return found;
}

/** Whether a part came from a peer that gives it to this asker, and is kept now. */
export const fetchPart = (services: Services, request: Request, digest: Hex): Promise<boolean> =>
  fetchFromPeers(services, request, async (body) => {
    await services.content.put(body, { maxBytes: partBytes, digest });
  });

/** Bytes `from` to before `to` of one part: checked where it is the whole part. */
export const readPart = (
  { content }: Parts,
  { sha256, bytes }: ContentPart,
  from: number,
  to: number,
): Promise<Readable | null> =>
  from === 0 && to === bytes ? content.get(sha256) : content.slice(sha256, from, to);

/** Bytes `from` to before `to` of the content; null where a part that has some of them is not here. */
export async function readContent(
  parts: Parts,
  described: DescribedContent,
  from: number,
  to: number,
): Promise<Readable | null> {
  const slices = slicesOf(described.parts, from, to);
  for (const { part } of slices) if (!(await parts.content.has(part.sha256))) return null;
  return Readable.from(piecesOf(parts, slices), { objectMode: false });
}

async function* piecesOf(
  parts: Parts,
  slices: ReturnType<typeof slicesOf>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { part, from, to } of slices) {
    const stream = await readPart(parts, part, from, to);
    if (!stream) throw new Error(`part ${part.sha256} went away while it was read`);
    yield* stream as AsyncIterable<Uint8Array>;
  }
}
