/**
 * `dxl-delivery/2`: a delivered file in parts, each of which is one part of content (docs/content.md)
 * and opens by itself: magic ‖ secretstream header ‖ chunks, of which the last alone carries TAG_FINAL.
 * What a chunk is bound to is in its additional data. docs/cli.md, "Delivery", specifies it.
 */
import sodium from 'sodium-native';
import { utf8 } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { partBytes } from '../../content/manifest.ts';
import type { DeliveryPlace } from './key.ts';

const name = 'dxl-delivery/2';

export const magic = utf8(`${name}\n`);
export const headerBytes = magic.length + sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES;
export const chunkBytes = 65_536;
export const chunkOverheadBytes = sodium.crypto_secretstream_xchacha20poly1305_ABYTES;

/** Of a part that is full: 1,024, the last of which is shorter so that the part has `partBytes`. */
export const chunksPerPart = Math.ceil(
  (partBytes - headerBytes) / (chunkBytes + chunkOverheadBytes),
);

const partOverheadBytes = headerBytes + chunksPerPart * chunkOverheadBytes;

/** Plaintext of a part that is full: 67,091,417 bytes. */
export const partPlainBytes = partBytes - partOverheadBytes;

/** Plaintext of a full chunk, by its index within its part. */
export const chunkPlainBytes = (chunk: number): number =>
  chunk === chunksPerPart - 1 ? partPlainBytes - chunk * chunkBytes : chunkBytes;

/** Of a plaintext's parts, in order; there is always a last one, which alone may be empty. */
export function sealedPartLengths(plaintextBytes: number): readonly number[] {
  const full = Math.max(Math.ceil(plaintextBytes / partPlainBytes) - 1, 0);
  const rest = plaintextBytes - full * partPlainBytes;
  const chunks = Math.max(Math.ceil(rest / chunkBytes), 1);
  const last = headerBytes + rest + chunks * chunkOverheadBytes;
  return [...new Array<number>(full).fill(partBytes), last];
}

export interface ChunkPlace {
  readonly part: number;
  /** Within its part. */
  readonly chunk: number;
  /** The last of the whole delivery. */
  readonly last: boolean;
}

/** Additional data of a chunk: what it belongs to, where it stands, and whether anything follows. */
export const chunkData = (
  { chainId, tradeId }: DeliveryPlace,
  { part, chunk, last }: ChunkPlace,
): Buffer => Buffer.from(encodeCbor([name, chainId, tradeId, BigInt(part), BigInt(chunk), last]));
