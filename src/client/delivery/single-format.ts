/**
 * `dxl-delivery/1`, which earlier releases sent: magic ‖ secretstream header ‖ chunks, each of 65 536
 * plaintext bytes but the last, which alone carries TAG_FINAL. docs/cli.md, "Delivery", specifies it.
 */
import sodium from 'sodium-native';
import { utf8 } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import type { DeliveryPlace } from './key.ts';

export const magic = utf8('dxl-delivery/1\n');
export const headerBytes = magic.length + sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES;
export const chunkBytes = 65_536;
export const sealedChunkBytes = chunkBytes + sodium.crypto_secretstream_xchacha20poly1305_ABYTES;

/** Additional data of a chunk: what it belongs to and where it stands. */
export const chunkData = ({ chainId, tradeId }: DeliveryPlace, index: number): Buffer =>
  Buffer.from(encodeCbor(['dxl-delivery/1', chainId, tradeId, BigInt(index)]));
