/**
 * The little of protobuf that CometBFT's hashes and sign-bytes are made of: fields in ascending
 * order, those at their default left out.
 */
import { concat, utf8 } from '../../base/bytes.ts';

const noBytes = new Uint8Array();

/** Two's complement of 64 bits, seven at a time: what int64, uint32 and enum have in common. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

const tag = (field: number, wireType: 0 | 1 | 2): Uint8Array =>
  varint(BigInt(field * 8 + wireType));

export const integerField = (field: number, value: number | bigint): Uint8Array =>
  BigInt(value) === 0n ? noBytes : concat(tag(field, 0), varint(BigInt(value)));

/** sfixed64: 8 bytes, little-endian. */
export function fixedField(field: number, value: number): Uint8Array {
  if (value === 0) return noBytes;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return concat(tag(field, 1), bytes);
}

export const bytesField = (field: number, value: Uint8Array): Uint8Array =>
  value.length === 0 ? noBytes : messageField(field, value);

export const textField = (field: number, value: string): Uint8Array =>
  bytesField(field, utf8(value));

/** Stands there even where it is empty, as Go's non-nullable messages do. */
export const messageField = (field: number, message: Uint8Array): Uint8Array =>
  concat(tag(field, 2), delimited(message));

/** A message with its length before it. */
export const delimited = (message: Uint8Array): Uint8Array =>
  concat(varint(BigInt(message.length)), message);

/** google.protobuf.Timestamp. */
export const timestamp = (seconds: number | bigint, nanos: number): Uint8Array =>
  concat(integerField(1, seconds), integerField(2, nanos));
