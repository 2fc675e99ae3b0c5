/** RFC 4648 section 5 without padding: how bytes stand in files. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const values = new Map(Array.from(alphabet, (character, value) => [character, value]));

export function toBase64url(bytes: Uint8Array): string {
  const groups: string[] = [];
  for (let start = 0; start < bytes.length; start += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(start, start + 3);
    const bits = (first << 16) | (second << 8) | third;
    const characters = [18, 12, 6, 0].map((shift) => alphabet[(bits >> shift) & 63]);
    groups.push(characters.slice(0, Math.min(bytes.length - start, 3) + 1).join(''));
  }
  return groups.join('');
}

/** null where the text has a foreign character, an impossible length or stray bits at its end. */
export function fromBase64url(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const character of text) {
    const value = values.get(character);
    if (value === undefined) return null;
    bits = (bits << 6) | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[length] = (bits >> held) & 255;
    length += 1;
    bits &= (1 << held) - 1;
  }
  return bits === 0 ? bytes : null;
}
