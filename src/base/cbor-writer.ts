import { CborError, cborItems, type CborValue } from './cbor-value.ts';

const encoder = new TextEncoder();

/** Up to here a loop over the characters is quicker than a call of the encoder. */
const shortText = 64;
/** Bytes of the longest head. */
const headMax = 9;

/** Items one after another into one buffer that grows; `take` gives a copy and begins anew. */
export class CborWriter {
  #bytes = new Uint8Array(4_096);
  #length = 0;

  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Bytes that have been written. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  null(): void {
    this.#head(cborItems.null, 0);
  }

  boolean(value: boolean): void {
    this.#head(value ? cborItems.true : cborItems.false, 0);
  }

  /** @param value a safe integer, not below 0. */
  unsigned(value: number): void {
    this.#head(cborItems.unsigned, value);
  }

  /** Throws CborError outside -2^64 to 2^64 - 1. */
  bigint(value: bigint): void {
    const isNegative = value < 0n;
    const size = isNegative ? -1n - value : value;
    const major = isNegative ? cborItems.negative : cborItems.unsigned;
    if (size <= safeMax) return this.#head(major, Number(size));
    if (size > uint64Max) throw new CborError(`${value} has more than 64 bits`);
    this.#room(9);
    this.#bytes[this.#length] = major | 27;
    this.#uint32(this.#length + 1, Number(size >> 32n));
    this.#uint32(this.#length + 5, Number(size & 0xffffffffn));
    this.#length += 9;
  }

  bytes(value: Uint8Array): void {
    this.#head(cborItems.bytes, value.length);
    this.raw(value);
  }

  /** A byte string. False, and nothing written, where the value is not of 0-9a-f by twos. */
  hex(value: string): boolean {
    const start = this.#length;
    const size = value.length >> 1;
    this.#head(cborItems.bytes, size);
    this.#room(size);
    const bytes = this.#bytes;
    let at = this.#length;
    let wrong = value.length & 1;
    for (let index = 0; index < value.length - 1; index += 2) {
      const high = digits[value.charCodeAt(index)] ?? notDigit;
      const low = digits[value.charCodeAt(index + 1)] ?? notDigit;
      wrong |= (high | low) & notDigit;
      bytes[at] = (high << 4) | low;
      at += 1;
    }
    this.#length = wrong === 0 ? at : start;
    return wrong === 0;
  }

  text(value: string): void {
    if (value.length <= shortText && this.#ascii(value)) return;
    const bytes = encoder.encode(value);
    this.#head(cborItems.text, bytes.length);
    this.raw(bytes);
  }

  /** The head of an array of `length` items, which follow. */
  array(length: number): void {
    this.#head(cborItems.array, length);
  }

  /** Whole items that are encoded already. */
  raw(items: Uint8Array): void {
    this.#room(items.length);
    this.#bytes.set(items, this.#length);
    this.#length += items.length;
  }

  value(value: CborValue): void {
    if (value === null) this.null();
    else if (typeof value === 'boolean') this.boolean(value);
    else if (typeof value === 'bigint') this.bigint(value);
    else if (typeof value === 'string') this.text(value);
    else if (value instanceof Uint8Array) this.bytes(value);
    else {
      this.array(value.length);
      for (const item of value) this.value(item);
    }
  }

  /** False, and nothing written, where the text is not ASCII. */
  #ascii(value: string): boolean {
    const { length } = value;
    // Room for the longest head too: were it the head that makes the buffer grow, the text, which is
    // behind what has been written, would stay behind.
    this.#room(length + headMax);
    const bytes = this.#bytes;
    const start = this.#length + (length < 24 ? 1 : 2);
    for (let index = 0; index < length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) return false;
      bytes[start + index] = unit;
    }
    this.#head(cborItems.text, length);
    this.#length += length;
    return true;
  }

  #head(major: number, size: number): void {
    this.#room(headMax);
    const bytes = this.#bytes;
    const at = this.#length;
    if (size < 24) {
      bytes[at] = major | size;
      this.#length = at + 1;
    } else if (size < 0x100) {
      bytes[at] = major | 24;
      bytes[at + 1] = size;
      this.#length = at + 2;
    } else if (size < 0x10000) {
      bytes[at] = major | 25;
      bytes[at + 1] = size >> 8;
      bytes[at + 2] = size;
      this.#length = at + 3;
    } else if (size < 0x100000000) {
      bytes[at] = major | 26;
      this.#uint32(at + 1, size);
      this.#length = at + 5;
    } else {
      bytes[at] = major | 27;
      this.#uint32(at + 1, Math.floor(size / 0x100000000));
      this.#uint32(at + 5, size);
      this.#length = at + 9;
    }
  }

  #uint32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  #room(wanted: number): void {
    const needed = this.#length + wanted;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

const notDigit = 0x10;

/** By character code: 0 to 15 of 0-9 and a-f, else `notDigit`. */
const digits = Uint8Array.from({ length: 0x80 }, (_, unit) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(unit));
  return digit < 0 ? notDigit : digit;
});

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);
const uint64Max = (1n << 64n) - 1n;
