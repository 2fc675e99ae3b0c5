/** What the wrapped key's sealed box holds: docs/cli.md, "Delivery", specifies it byte for byte. */
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { CborError, decodeCbor, encodeCbor } from '../../base/cbor.ts';
import { OperationalError } from '../../base/operational-error.ts';

/** What a delivery belongs to: neither ciphertext nor key opens under another. */
export interface DeliveryPlace {
  readonly chainId: string;
  readonly tradeId: string;
}

/** Of `dxl-delivery/1`, which earlier releases sent: one stream, 256 MiB at most. */
export interface SingleKey {
  readonly format: 1;
  /** 32 bytes, used for one delivery. */
  readonly key: Uint8Array;
  /** As the ledger names it. */
  readonly ciphertextDigest: Hex;
  readonly plaintextBytes: number;
}

/** Of `dxl-delivery/2`: in parts, each of which opens by itself. */
export interface PartsKey extends Omit<SingleKey, 'format'> {
  readonly format: 2;
  /** SHA-256 of the plaintext. */
  readonly plaintextDigest: Hex;
}

export type DeliveryKey = SingleKey | PartsKey;

const versions = { 1: 'dxl-delivery-key/1', 2: 'dxl-delivery-key/2' } as const;

export const encodeKey = ({ chainId, tradeId }: DeliveryPlace, content: DeliveryKey): Uint8Array =>
  encodeCbor([
    versions[content.format],
    chainId,
    tradeId,
    content.key,
    fromHex(content.ciphertextDigest),
    BigInt(content.plaintextBytes),
    ...(content.format === 2 ? [fromHex(content.plaintextDigest)] : []),
  ]);

/** Throws OperationalError DELIVERY_KEY_INVALID, DELIVERY_OTHER_TRADE. */
export function decodeKey(place: DeliveryPlace, bytes: Uint8Array): DeliveryKey {
  const value = decodedList(bytes);
  const [version, chainId, tradeId, key, digest, size, plaintextDigest] = value;
  const isSingle = version === versions[1] && value.length === 6;
  const isParts = version === versions[2] && value.length === 7;
  if (!isSingle && !isParts) throw invalidKey('its version is unknown');
  if (chainId !== place.chainId || tradeId !== place.tradeId) {
    throw new OperationalError(
      'DELIVERY_OTHER_TRADE',
      `The delivery key was wrapped for another trade than ${place.tradeId}. Reject the delivery.`,
    );
  }
  if (!isBytes32(key)) throw invalidKey('it has no key');
  if (!isBytes32(digest) || typeof size !== 'bigint' || size > Number.MAX_SAFE_INTEGER) {
    throw invalidKey('it names no ciphertext');
  }
  const facts = { key, ciphertextDigest: toHex(digest), plaintextBytes: Number(size) };
  if (isSingle) return { format: 1, ...facts };
  if (!isBytes32(plaintextDigest)) throw invalidKey('it names no plaintext');
  return { format: 2, ...facts, plaintextDigest: toHex(plaintextDigest) };
}

const isBytes32 = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && value.length === 32;

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
