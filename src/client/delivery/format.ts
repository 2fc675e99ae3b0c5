/**
 * A delivered file: magic ‖ secretstream header ‖ chunks, each of 65 536 plaintext bytes but the
 * last, which alone carries TAG_FINAL. docs/cli.md, "Delivery", specifies it byte for byte.
 */
import sodium from 'sodium-native';
import { fromHex, utf8, type Hex } from '../../base/bytes.ts';
import { CborError, decodeCbor, encodeCbor } from '../../base/cbor.ts';
import { OperationalError } from '../../base/operational-error.ts';

/** What a delivery belongs to: neither stream nor key opens under another. */
export interface DeliveryPlace {
  readonly chainId: string;
  readonly tradeId: string;
}

export const magic = utf8('dxl-delivery/1\n');
export const headerBytes = magic.length + sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES;
export const chunkBytes = 65_536;
export const sealedChunkBytes = chunkBytes + sodium.crypto_secretstream_xchacha20poly1305_ABYTES;

/** Additional data of a chunk: what it belongs to and where it stands. */
export const chunkData = ({ chainId, tradeId }: DeliveryPlace, index: number): Buffer =>
  Buffer.from(encodeCbor(['dxl-delivery/1', chainId, tradeId, BigInt(index)]));

/** What the wrapped key's sealed box holds. */
export interface DeliveryKey {
  /** Of the secretstream, 32 bytes, used for one delivery. */
  readonly key: Uint8Array;
  readonly ciphertextDigest: Hex;
  readonly plaintextBytes: number;
}

const wrapVersion = 'dxl-delivery-key/1';

export const encodeKey = ({ chainId, tradeId }: DeliveryPlace, content: DeliveryKey): Uint8Array =>
  encodeCbor([
    wrapVersion,
    chainId,
    tradeId,
    content.key,
    fromHex(content.ciphertextDigest),
    BigInt(content.plaintextBytes),
  ]);

/** Throws OperationalError DELIVERY_KEY_INVALID, DELIVERY_OTHER_TRADE. */
export function decodeKey(place: DeliveryPlace, bytes: Uint8Array): DeliveryKey {
  const value = decodedList(bytes);
  const [version, chainId, tradeId, key, digest, size] = value;
  if (version !== wrapVersion || value.length !== 6) throw invalidKey('its version is unknown');
  if (chainId !== place.chainId || tradeId !== place.tradeId) {
    throw new OperationalError(
      'DELIVERY_OTHER_TRADE',
      `The delivery key was wrapped for another trade than ${place.tradeId}. Reject the delivery.`,
    );
  }
  if (!(key instanceof Uint8Array) || key.length !== 32) throw invalidKey('it has no key');
  if (!(digest instanceof Uint8Array) || digest.length !== 32 || typeof size !== 'bigint') {
    throw invalidKey('it names no ciphertext');
  }
  return {
    key,
    ciphertextDigest: Buffer.from(digest).toString('hex'),
    plaintextBytes: Number(size),
  };
}

function decodedList(bytes: Uint8Array): readonly unknown[] {
  try {
    const value = decodeCbor(bytes);
    if (Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
  }
  throw invalidKey('it is not canonical CBOR');
}

const invalidKey = (problem: string): OperationalError =>
  new OperationalError(
    'DELIVERY_KEY_INVALID',
    `The wrapped delivery key cannot be used: ${problem}. Reject the delivery.`,
  );
