/**
 * Content longer than one part, as its parts: docs/content.md. What is kept and exported as a manifest
 * is its domain tag and canonical CBOR, so that its digest is the SHA-256 of that file like any other's.
 */
import { concat, equalBytes, fromHex, toHex, utf8, type Hex } from '../base/bytes.ts';
import { CborError, decodeCbor, encodeCbor } from '../base/cbor.ts';
import { sha256Hex } from '../base/hash.ts';

/** Length of every part but the last, in bytes: 64 MiB. */
export const partBytes = 64 * 2 ** 20;

/** Of all parts together: 100 GiB. */
export const contentBytesMax = 100 * 2 ** 30;

const partsMax = contentBytesMax / partBytes;

/** Room for the digests and lengths of all parts. */
export const manifestBytesMax = 128 * 1024;

export interface ContentPart {
  readonly sha256: Hex;
  readonly bytes: number;
}

/** One content has one manifest: it is cut into parts of `partBytes`, and the rest. */
export interface ContentManifest {
  readonly bytes: number;
  /** At least two. */
  readonly parts: readonly ContentPart[];
}

const tag = 'dxl/content/1';

/** As `taggedHash` hashes it before what it is for: no other file of ours begins so. */
const prefix = concat(Uint8Array.of(tag.length), utf8(tag));

/** Tag and CBOR `[bytes, [[sha256, bytes], …]]`: what is sent, kept and hashed. */
export const encodeManifest = ({ bytes, parts }: ContentManifest): Uint8Array =>
  concat(
    prefix,
    encodeCbor([
      BigInt(bytes),
      parts.map(({ sha256, bytes: length }) => [fromHex(sha256), BigInt(length)]),
    ]),
  );

/** What a record names. */
export const manifestDigest = (manifest: ContentManifest): Hex =>
  sha256Hex(encodeManifest(manifest));

/** Null where the bytes are no manifest, or not exactly the one of such parts. */
export function decodeManifest(encoded: Uint8Array): ContentManifest | null {
  if (encoded.length > manifestBytesMax || !isManifest(encoded)) return null;
  const manifest = manifestOf(decoded(encoded.subarray(prefix.length)));
  return manifest && isCutByRule(manifest) && equalBytes(encodeManifest(manifest), encoded)
    ? manifest
    : null;
}

/** Whether these are the first bytes of a manifest. */
export const isManifest = (begin: Uint8Array): boolean =>
  begin.length >= prefix.length && equalBytes(begin.subarray(0, prefix.length), prefix);

function decoded(bytes: Uint8Array): unknown {
  try {
    return decodeCbor(bytes);
  } catch (error) {
    if (error instanceof CborError) return null;
    throw error;
  }
}

function manifestOf(value: unknown): ContentManifest | null {
  const [total, list] = listOf(value, 2);
  if (typeof total !== 'bigint' || !Array.isArray(list) || list.length > partsMax) return null;
  const parts: ContentPart[] = [];
  for (const item of list as unknown[]) {
    const [hash, length] = listOf(item, 2);
    if (!(hash instanceof Uint8Array) || hash.length !== 32 || typeof length !== 'bigint') {
      return null;
    }
    parts.push({ sha256: toHex(hash), bytes: Number(length) });
  }
  return { bytes: Number(total), parts };
}

const listOf = (value: unknown, length: number): readonly unknown[] =>
  Array.isArray(value) && value.length === length ? (value as unknown[]) : [];

function isCutByRule({ bytes, parts }: ContentManifest): boolean {
  const lengths = partLengths(bytes);
  return (
    bytes > partBytes &&
    parts.length === lengths.length &&
    parts.every((part, at) => part.bytes === lengths[at])
  );
}

/** Of content of so many bytes, 1 to `contentBytesMax`. */
export function partLengths(bytes: number): readonly number[] {
  if (!(bytes > 0 && bytes <= contentBytesMax)) return [];
  const last = ((bytes - 1) % partBytes) + 1;
  const count = (bytes - last) / partBytes;
  return [...new Array<number>(count).fill(partBytes), last];
}

export interface PartSlice {
  readonly index: number;
  readonly part: ContentPart;
  /** First byte within the part, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** What of which parts makes up the bytes from `from` to before `to` of the content. */
export function slicesOf(parts: readonly ContentPart[], from: number, to: number): PartSlice[] {
  const slices: PartSlice[] = [];
  let start = 0;
  for (const [index, part] of parts.entries()) {
    const end = start + part.bytes;
    if (end > from && start < to) {
      slices.push({
        ...{ index, part },
        from: Math.max(from - start, 0),
        to: Math.min(to, end) - start,
      });
    }
    start = end;
  }
  return slices;
}
