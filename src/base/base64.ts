/** Base 64 with padding (RFC 4648, 4), as signed notes hold keys, hashes and signatures. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const rest = Math.min(bytes.length - at, 3);
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < 4; digit += 1) {
      text += digit <= rest ? (alphabet[(word >> (18 - 6 * digit)) & 63] ?? '') : '=';
    }
  }
  return text;
}

/** null for text that `toBase64` would not have written. */
export function fromBase64(text: string): Uint8Array | null {
  if (!form.test(text)) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length >> 2) * 3 - padding);
  let at = 0;
  for (let from = 0; from < text.length; from += 4) {
    let word = 0;
    for (let digit = 0; digit < 4; digit += 1) {
      word = (word << 6) | Math.max(alphabet.indexOf(text.charAt(from + digit)), 0);
    }
    for (const shift of [16, 8, 0]) {
      if (at < bytes.length) bytes[at] = (word >> shift) & 255;
      at += 1;
    }
  }
  // Bits beyond the last byte must be zero: one text for one value.
  return toBase64(bytes) === text ? bytes : null;
}
