/** Finds any of very many secrets in bytes, however they were written down. */
import { utf8 } from '../../../src/base/bytes.ts';

/** What must not be found, and what it is called when it is. */
export interface Secret {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Also as lower-case, upper-case and UTF-16 text. */
  readonly isText: boolean;
}

export const textSecret = (name: string, text: string): Secret => ({
  name,
  bytes: utf8(text),
  isText: true,
});

export const binarySecret = (name: string, bytes: Uint8Array): Secret => ({
  name,
  bytes,
  isText: false,
});

export interface Place {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Needle {
  readonly secret: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

const headBytes = 6;

/** One bit for each number of three bytes. */
class ThreeBytes {
  readonly #bits = new Uint8Array(2 ** 21);

  add(bytes: Uint8Array, offset: number): void {
    const number = numberAt(bytes, offset);
    this.#bits[number >> 3] = (this.#bits[number >> 3] ?? 0) | (1 << (number & 7));
  }

  has(bytes: Uint8Array, offset: number): boolean {
    const number = numberAt(bytes, offset);
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}

const numberAt = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] ?? 0) << 16) | ((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0);

/** One pass over a place takes about as long whatever the number of secrets. */
export class Scanner {
  readonly #heads = new Map<string, Needle[]>();
  /** The first half of every head, and the second: few places have both. */
  readonly #firsts = new ThreeBytes();
  readonly #seconds = new ThreeBytes();
  needles = 0;

  constructor(secrets: readonly Secret[]) {
    for (const secret of secrets) {
      for (const [encoding, bytes] of encodings(secret)) this.#add(secret.name, encoding, bytes);
    }
  }

  #add(secret: string, encoding: string, bytes: Buffer): void {
    if (bytes.length < headBytes) return;
    const head = bytes.toString('latin1', 0, headBytes);
    const known = this.#heads.get(head);
    const needle = { secret, encoding, bytes };
    if (known) known.push(needle);
    else this.#heads.set(head, [needle]);
    this.#firsts.add(bytes, 0);
    this.#seconds.add(bytes, 3);
    this.needles += 1;
  }

  /** Each finding as "secret (encoding) in place at offset". */
  scan({ name, bytes }: Place): string[] {
    const place = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const findings: string[] = [];
    for (let offset = 0; offset + headBytes <= place.length; offset += 1) {
      if (!this.#firsts.has(place, offset) || !this.#seconds.has(place, offset + 3)) continue;
      const candidates =
        this.#heads.get(place.toString('latin1', offset, offset + headBytes)) ?? [];
      for (const { secret, encoding, bytes: wanted } of candidates) {
        const end = offset + wanted.length;
        if (end > place.length || wanted.compare(place, offset, end) !== 0) continue;
        findings.push(`${secret} (${encoding}) in ${name} at ${offset}`);
      }
    }
    return findings;
  }
}

function encodings({ bytes, isText }: Secret): [string, Buffer][] {
  const raw = Buffer.from(bytes);
  const hex = raw.toString('hex');
  const found: [string, Buffer][] = [
    ['as it is', raw],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
    ...base64Forms(raw),
  ];
  if (!isText) return found;
  const text = raw.toString();
  const wide = Buffer.from(text, 'utf16le');
  return [
    ...found,
    ['lower case', Buffer.from(text.toLowerCase())],
    ['upper case', Buffer.from(text.toUpperCase())],
    ['UTF-16LE', wide],
    ['UTF-16BE', Buffer.from(wide).swap16()],
  ];
}

/** A secret within longer bytes stands at one of three positions of the base64 alphabet's groups. */
function base64Forms(raw: Buffer): [string, Buffer][] {
  const forms: [string, Buffer][] = [];
  for (const shift of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(shift), raw]);
    // Only whole digits of six bits that no neighbour has a part in.
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor((shifted.length * 8) / 6);
    const plain = shifted.toString('base64').slice(first, last);
    const url = shifted.toString('base64url').slice(first, last);
    forms.push([`base64+${shift}`, Buffer.from(plain)]);
    if (url !== plain) forms.push([`base64url+${shift}`, Buffer.from(url)]);
  }
  return forms;
}
