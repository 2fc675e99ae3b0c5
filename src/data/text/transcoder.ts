import { concat } from '../../base/bytes.ts';
import { TableFault } from '../table-fault.ts';
import {
  byteOrderMarkOf,
  encodingOfHighBytes,
  utf16Of,
  type ByteOrderMark,
  type Encoding,
} from './encoding.ts';
import { LineCount, placeText } from './line-count.ts';
import { wholeCharacters } from './whole-characters.ts';

const encoder = new TextEncoder();
const nothing = new Uint8Array();

/** Bytes that an encoding is told by, where there are so many. */
const windowBytes = 1_024;
const windowMax = 16_384;
/** Bytes of one unfinished character, or of GB18030 text without a separator, at most. */
const restMax = 2 ** 24;

/**
 * Bytes of a file → well-formed UTF-8 without a byte-order mark, chunk by chunk. What the encoding
 * does not hold is refused with line and column; nothing is replaced.
 *
 * Unless an encoding is stated, the mark tells it, else the first bytes above ASCII do, wherever in
 * the file they stand: before them UTF-8 and GB18030 are the same.
 */
export class Transcoder {
  #encoding: Encoding | null;
  readonly #stated: Encoding | null;
  #mark: ByteOrderMark | null = null;
  #atStart = true;
  #rest: Uint8Array = nothing;
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  readonly #lines = new LineCount();

  constructor(stated: Encoding | null) {
    this.#stated = stated;
    this.#encoding = stated;
  }

  /** UTF-8 where all that has come so far is ASCII. */
  get encoding(): Encoding {
    return this.#encoding ?? 'utf-8';
  }

  get hasByteOrderMark(): boolean {
    return this.#mark !== null;
  }

  /**
   * Whole characters; a character that has only begun waits. The result may be a view of `bytes`.
   * Throws TableFault ENCODING.
   */
  push(bytes: Uint8Array): Uint8Array {
    const whole = this.#rest.length === 0 ? bytes : concat(this.#rest, bytes);
    this.#rest = nothing;
    if (this.#atStart && whole.length < 4) return this.#wait(whole, 0);
    return this.#convert(this.#withoutMark(whole), false);
  }

  /** What was left. Throws TableFault ENCODING where the file ends within a character. */
  end(): Uint8Array {
    const rest = this.#rest;
    this.#rest = nothing;
    return this.#convert(this.#withoutMark(rest), true);
  }

  #withoutMark(bytes: Uint8Array): Uint8Array {
    if (!this.#atStart) return bytes;
    this.#atStart = false;
    const mark = byteOrderMarkOf(bytes);
    if (mark?.encoding === 'utf-32') {
      throw new TableFault(
        'ENCODING',
        'is in UTF-32, which is not read: save it as UTF-8 and try again.',
      );
    }
    if (mark === null) {
      this.#encoding ??= utf16Of(bytes.subarray(0, 4_096));
      return bytes;
    }
    if (this.#stated !== null && this.#stated !== mark.encoding) {
      throw new TableFault(
        'ENCODING',
        `begins with the byte-order mark of ${mark.encoding}, and is stated to be ` +
          `${this.#stated}: state ${mark.encoding}.`,
      );
    }
    this.#mark = mark;
    this.#encoding = mark.encoding;
    return bytes.subarray(mark.bytes);
  }

  #convert(bytes: Uint8Array, isEnd: boolean): Uint8Array {
    const encoding = this.#encoding ?? this.#decide(bytes, isEnd);
    if (encoding === null) return this.#ascii(bytes);
    const size = isEnd ? bytes.length : wholeCharacters(encoding, bytes);
    const whole = this.#wait(bytes, size);
    const text = this.#decode(encoding, whole);
    this.#lines.add(text);
    return text;
  }

  /** Keeps what is behind `size` for later. */
  #wait(bytes: Uint8Array, size: number): Uint8Array {
    if (bytes.length - size > restMax) {
      const { line, column } = this.#lines.place;
      throw new TableFault(
        'TOO_LARGE',
        `has more than ${restMax} bytes without a separator from ${placeText({ line, column })} on: ` +
          'it is no table of text, or in another encoding.',
        { line, column },
      );
    }
    this.#rest = bytes.slice(size);
    return bytes.subarray(0, size);
  }

  /** ASCII is passed on while the encoding is open; what follows waits for more to judge by. */
  #ascii(bytes: Uint8Array): Uint8Array {
    const text = this.#wait(bytes, firstHigh(bytes));
    this.#lines.add(text);
    return text;
  }

  /** null where there is nothing above ASCII, or not yet enough of it. */
  #decide(bytes: Uint8Array, isEnd: boolean): Encoding | null {
    const at = firstHigh(bytes);
    if (at === bytes.length) return null;
    if (!isEnd && bytes.length - at < windowBytes) return null;
    const encoding = encodingOfHighBytes(bytes.subarray(at, at + windowMax));
    if (encoding !== null) return (this.#encoding = encoding);
    this.#lines.add(bytes.subarray(0, at));
    const { place } = this.#lines;
    throw new TableFault(
      'ENCODING',
      `is in an encoding that cannot be told: the first byte above ASCII, ` +
        `${hexOf(bytes[at])}, at ${placeText(place)}, belongs neither to UTF-8 nor, with certainty, ` +
        'to GB18030. State it (--encoding gb18030), or save the file as UTF-8 and try again.',
      place,
    );
  }

  #decode(encoding: Encoding, bytes: Uint8Array): Uint8Array {
    if (encoding === 'utf-8' && firstHigh(bytes) === bytes.length) return bytes;
    if (bytes.length === 0) return nothing;
    this.#decoder ??= new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    try {
      const text = this.#decoder.decode(bytes);
      return encoding === 'utf-8' ? bytes : encoder.encode(text);
    } catch {
      throw this.#notHeld(encoding, bytes);
    }
  }

  #notHeld(encoding: Encoding, bytes: Uint8Array): TableFault {
    const good = lengthThatDecodes(encoding, bytes);
    const before = new TextDecoder(encoding, { ignoreBOM: true });
    this.#lines.add(encoder.encode(before.decode(bytes.subarray(0, good), { stream: true })));
    const { place } = this.#lines;
    const isCut = good === bytes.length;
    const what = isCut
      ? `ends within a character of ${encoding}`
      : `holds the byte ${hexOf(bytes[good])}, which ${encoding} does not hold there,`;
    const remedy = isCut
      ? 'it was cut off; take it again.'
      : this.#stated === null
        ? `so its encoding is another, or it is damaged. State the encoding (--encoding gb18030) or mend the file.`
        : 'state the encoding that it is in, or mend the file.';
    return new TableFault('ENCODING', `${what} at ${placeText(place)}: ${remedy}`, place);
  }
}

/** Where the first byte above ASCII is; the length where there is none. Four bytes at a time. */
function firstHigh(bytes: Uint8Array): number {
  const { length, byteOffset, buffer } = bytes;
  const head = Math.min(length, (4 - (byteOffset & 3)) & 3);
  let at = 0;
  while (at < head && (bytes[at] as number) < 0x80) at += 1;
  if (at < head || head === length) return at;
  const words = new Int32Array(buffer, byteOffset + head, (length - head) >> 2);
  let word = 0;
  while (word < words.length && ((words[word] as number) & 0x80808080) === 0) word += 1;
  at = head + 4 * word;
  while (at < length && (bytes[at] as number) < 0x80) at += 1;
  return at;
}

const hexOf = (byte = 0): string => `0x${byte.toString(16).padStart(2, '0').toUpperCase()}`;

/** Of the longest beginning that holds no fault; found by halving, since decoders do not tell. */
function lengthThatDecodes(encoding: Encoding, bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      const decoder = new TextDecoder(encoding, { fatal: true });
      decoder.decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}
