import { fromUtf8 } from './bytes.ts';

/**
 * The ledger's CBOR (RFC 8949 core deterministic encoding) without maps, floats and tags:
 * records are positional arrays, so there is one encoding of each value and no key order.
 *
 * Written for this subset because every byte of the ledger goes through it (docs/adr/0008): a
 * decoder that refuses what is not canonical as it reads needs no encoding back. The tests hold it
 * against a general library, byte for byte.
 */
export type CborValue = null | boolean | bigint | string | Uint8Array | readonly CborValue[];

export class CborError extends Error {
  override readonly name = 'CborError';
}

const depthMax = 16;

const unsigned = 0x00;
const negative = 0x20;
const byteString = 0x40;
const textString = 0x60;
const array = 0x80;
const falseItem = 0xf4;
const trueItem = 0xf5;
const nullItem = 0xf6;

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

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  null(): void {
    this.#head(nullItem, 0);
  }

  boolean(value: boolean): void {
    this.#head(value ? trueItem : falseItem, 0);
  }

  /** @param value a safe integer, not below 0. */
  unsigned(value: number): void {
    this.#head(unsigned, value);
  }

  /** Throws CborError outside -2^64 to 2^64 - 1. */
  bigint(value: bigint): void {
    const isNegative = value < 0n;
    const size = isNegative ? -1n - value : value;
    const major = isNegative ? negative : unsigned;
    if (size <= safeMax) return this.#head(major, Number(size));
    if (size > uint64Max) throw new CborError(`${value} has more than 64 bits`);
    this.#room(9);
    this.#bytes[this.#length] = major | 27;
    this.#uint32(this.#length + 1, Number(size >> 32n));
    this.#uint32(this.#length + 5, Number(size & 0xffffffffn));
    this.#length += 9;
  }

  bytes(value: Uint8Array): void {
    this.#head(byteString, value.length);
    this.raw(value);
  }

  text(value: string): void {
    if (value.length <= shortText && this.#ascii(value)) return;
    const bytes = encoder.encode(value);
    this.#head(textString, bytes.length);
    this.raw(bytes);
  }

  /** The head of an array of `length` items, which follow. */
  array(length: number): void {
    this.#head(array, length);
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
    this.#head(textString, length);
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

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);
const uint64Max = (1n << 64n) - 1n;

const writer = new CborWriter();

export function encodeCbor(value: CborValue): Uint8Array {
  writer.clear();
  writer.value(value);
  return writer.take();
}

/** Refuses (CborError) everything that this module would not itself have written. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new Reader(bytes);
  const value = reader.read(0);
  if (reader.at !== bytes.length) {
    throw notCanonical(`${bytes.length - reader.at} bytes after the item`);
  }
  return value;
}

const notCanonical = (why: string): CborError => new CborError(`not canonical CBOR: ${why}`);

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(depth: number): CborValue {
    if (depth > depthMax) throw notCanonical(`nested deeper than ${depthMax}`);
    const initial = this.#byte();
    if (initial >= falseItem && initial <= nullItem) {
      return initial === nullItem ? null : initial === trueItem;
    }
    const major = initial & 0xe0;
    if (major > array)
      throw notCanonical(`an item 0x${initial.toString(16)} is of no ledger value`);
    if (major === unsigned) return this.#size(initial & 0x1f);
    if (major === negative) return -1n - this.#size(initial & 0x1f);
    const length = this.#length(initial & 0x1f);
    if (major === array) return this.#items(length, depth + 1);
    const from = this.at;
    this.at += length;
    return major === byteString
      ? this.#bytes.slice(from, this.at)
      : this.#text(this.#bytes.subarray(from, this.at));
  }

  #items(length: number, depth: number): CborValue[] {
    const items: CborValue[] = [];
    for (let index = 0; index < length; index += 1) items.push(this.read(depth));
    return items;
  }

  #text(bytes: Uint8Array): string {
    if (bytes.length <= shortText && bytes.every((byte) => byte < 0x80)) {
      return String.fromCharCode(...bytes);
    }
    try {
      return fromUtf8(bytes);
    } catch (cause) {
      throw new CborError('not canonical CBOR: text that is not UTF-8', { cause });
    }
  }

  /** Of strings and arrays: what is left bounds it, as no item is of less than a byte. */
  #length(information: number): number {
    const length = information < 24 ? information : Number(this.#size(information));
    if (length > this.#bytes.length - this.at) throw notCanonical('it ends too early');
    return length;
  }

  #size(information: number): bigint {
    if (information < 24) return BigInt(information);
    if (information > 27) throw notCanonical('a length that is indefinite or reserved');
    const bytes = 1 << (information - 24);
    let size = 0;
    for (let index = 0; index < Math.min(bytes, 4); index += 1) size = size * 256 + this.#byte();
    if (bytes < 8) {
      if (size < (least[information - 24] ?? 0)) throw notCanonical('a length longer than needed');
      return BigInt(size);
    }
    let low = 0;
    for (let index = 0; index < 4; index += 1) low = low * 256 + this.#byte();
    if (size === 0) throw notCanonical('a length longer than needed');
    return (BigInt(size) << 32n) | BigInt(low);
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw notCanonical('it ends too early');
    this.at += 1;
    return byte;
  }
}

/** The least size that needs 1, 2 and 4 bytes. */
const least = [24, 0x100, 0x10000];
