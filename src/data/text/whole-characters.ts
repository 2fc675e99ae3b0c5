import type { Encoding } from './encoding.ts';

/**
 * How many of the bytes, from their beginning, are whole characters: where text may be cut. The rest
 * waits for what follows. Says nothing of whether they are well-formed.
 */
export function wholeCharacters(encoding: Encoding, bytes: Uint8Array): number {
  if (encoding === 'utf-8') return wholeUtf8(bytes);
  if (encoding === 'gb18030') return wholeGb18030(bytes);
  return wholeUtf16(bytes, encoding === 'utf-16le' ? 1 : 0);
}

/** At most 3 bytes belong to a character that has begun. */
function wholeUtf8(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back] ?? 0;
    if (byte < 0x80) return length;
    if (byte < 0xc0) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return size > back ? length - back : length;
  }
  return length;
}

/**
 * Behind the last byte below 0x30, such as a line end, a comma or a quote: no character of several
 * bytes has one in it.
 */
function wholeGb18030(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] ?? 0) >= 0x30) end -= 1;
  return end;
}

/** A pair of surrogates stays together. `high` is the place of a unit's more significant byte. */
function wholeUtf16(bytes: Uint8Array, high: 0 | 1): number {
  const even = bytes.length & ~1;
  if (even === 0) return 0;
  const last = bytes[even - 2 + high] ?? 0;
  return last >= 0xd8 && last <= 0xdb ? even - 2 : even;
}
