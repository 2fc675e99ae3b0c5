/** In which encodings text comes, and how one is told from another. */

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030'] as const;
export type Encoding = (typeof encodings)[number];

/** Names under which people know them. GBK and GB2312 are parts of GB18030 and read by it. */
const names: Readonly<Record<string, Encoding>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'utf-8-sig': 'utf-8',
  ascii: 'utf-8',
  'us-ascii': 'utf-8',
  'utf-16le': 'utf-16le',
  utf16le: 'utf-16le',
  'utf-16be': 'utf-16be',
  utf16be: 'utf-16be',
  gb18030: 'gb18030',
  gbk: 'gb18030',
  gb2312: 'gb18030',
  cp936: 'gb18030',
};

/** By any of its names, in any case; null for one that is not read. */
export const encodingNamed = (name: string): Encoding | null =>
  names[name.toLowerCase().replaceAll('_', '-')] ?? null;

/** A byte-order mark at the beginning of a file. */
export interface ByteOrderMark {
  readonly encoding: Encoding | 'utf-32';
  readonly bytes: number;
}

/** @param head at least 4 bytes, or all there are */
export function byteOrderMarkOf(head: Uint8Array): ByteOrderMark | null {
  const [first, second, third, fourth] = head;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  const zeros = third === 0 && fourth === 0;
  if (first === 0xff && second === 0xfe) {
    return zeros ? { encoding: 'utf-32', bytes: 4 } : { encoding: 'utf-16le', bytes: 2 };
  }
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) {
    return { encoding: 'utf-32', bytes: 4 };
  }
  return null;
}

/**
 * UTF-16 without a mark, by the zero bytes that separators, digits and line ends have in it; null
 * for neither.
 * @param head some 4 KiB from the beginning
 */
export function utf16Of(head: Uint8Array): Encoding | null {
  const zeros = [0, 0];
  for (const [index, byte] of head.entries()) {
    if (byte === 0) zeros[index & 1] = (zeros[index & 1] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  if (even + odd < Math.ceil(head.length / 20)) return null;
  if (odd > 4 * even) return 'utf-16le';
  return even > 4 * odd ? 'utf-16be' : null;
}

/**
 * UTF-8 or GB18030, by the first bytes above ASCII; null where neither is certain.
 *
 * Where nine in ten of them are of well-formed UTF-8 it is that, damaged at worst, and the damage is
 * named: other text hardly ever comes near. Chinese text in GB18030 is pairs of bytes that are both
 * 0xA1 and above (the 6,763 characters of GB 2312); Latin letters with accents in a Western encoding,
 * which also decode as GB18030, stand alone between ASCII letters.
 * @param window from the first byte above 0x7F; may end within a character
 */
export function encodingOfHighBytes(window: Uint8Array): Encoding | null {
  let [wellFormed, high] = [0, 0];
  for (let at = 0; at < window.length;) {
    const size = utf8SizeAt(window, at);
    if (size > 1) wellFormed += size;
    if ((window[at] ?? 0) >= 0x80) high += Math.max(1, size);
    at += Math.max(1, size);
  }
  if (wellFormed * 10 >= high * 9) return 'utf-8';
  return looksGb18030(window) ? 'gb18030' : null;
}

/** Bytes of the character that is whole, or cut off by the window's end; 0 for none. */
function utf8SizeAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (let next = at + 1; next < at + size; next += 1) {
    if (next === bytes.length) return next - at;
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

function looksGb18030(window: Uint8Array): boolean {
  try {
    new TextDecoder('gb18030', { fatal: true }).decode(window, { stream: true });
  } catch {
    return false;
  }
  let [common, all] = [0, 0];
  for (let at = 0; at < window.length - 1; at += 1) {
    if ((window[at] ?? 0) < 0x81) continue;
    all += 1;
    if ((window[at + 1] ?? 0) >= 0xa1) common += 1;
    at += 1;
  }
  return common * 10 >= all * 8;
}
