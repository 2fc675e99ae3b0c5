import { hexToBytes } from '@noble/hashes/utils.js';

/** Lower-case hexadecimal text of whole bytes: how digests and keys are held in records. */
export type Hex = string;

/** Its digits are put together here and read as one text: texts put together leave 30 behind. */
let digits = new Uint8Array(256);

export function toHex(bytes: Uint8Array): Hex {
  const size = 2 * bytes.length;
  if (size > digits.length) digits = new Uint8Array(2 * size);
  let at = 0;
  for (const byte of bytes) {
    digits[at] = digitOf[byte >> 4] ?? 0;
    digits[at + 1] = digitOf[byte & 15] ?? 0;
    at += 2;
  }
  return decoder.decode(digits.subarray(0, size));
}

/** Throws on odd length or a character outside 0-9a-f. */
export const fromHex = (hex: Hex): Uint8Array => hexToBytes(hex);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Order by unsigned bytes, a shorter prefix first: the ledger's only order of keys. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

export const equalBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && compareBytes(left, right) === 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const digitOf = encoder.encode('0123456789abcdef');

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Throws a TypeError where the bytes are not well-formed UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/** null where the bytes are not well-formed UTF-8. */
export function fromUtf8OrNull(bytes: Uint8Array): string | null {
  try {
    return fromUtf8(bytes);
  } catch {
    return null;
  }
}

/** Order by UTF-8 bytes, which is the order of code points (JavaScript's own is of UTF-16 units). */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (one === other) continue;
    // Below the surrogates UTF-16 has the order of code points, and nothing needs to be encoded.
    if (one < 0xd800 && other < 0xd800) return one - other;
    return compareBytes(utf8(left), utf8(right));
  }
  return left.length - right.length;
}
