import { fromUtf8 } from './bytes.ts';
import { CborError, cborItems, type CborValue } from './cbor-value.ts';

const depthMax = 16;

const notCanonical = (why: string): CborError => new CborError(`not canonical CBOR: ${why}`);

/** What an item begins with. */
export type CborKind = 'integer' | 'bytes' | 'text' | 'array' | 'boolean' | 'null';

/**
 * Items one after another out of bytes, by the one who knows what should come. Every method takes
 * what is next, which `kind` has said to be of it; CborError where that is not canonical.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  /** Of the next item, which stays. */
  kind(): CborKind {
    const initial = this.#bytes[this.#at];
    if (initial === undefined) throw notCanonical('it ends too early');
    const known = kinds[initial >> 5];
    if (known) return known;
    if (initial === cborItems.null) return 'null';
    if (initial === cborItems.false || initial === cborItems.true) return 'boolean';
    throw notCanonical(`an item 0x${initial.toString(16)} is of no ledger value`);
  }

  /** Throws CborError where bytes are left. */
  end(): void {
    if (this.#at === this.#bytes.length) return;
    throw notCanonical(`${this.#bytes.length - this.#at} bytes after the item`);
  }

  null(): null {
    this.#at += 1;
    return null;
  }

  boolean(): boolean {
    this.#at += 1;
    return this.#bytes[this.#at - 1] === cborItems.true;
  }

  /** Exact where it is a safe integer; where it is none, some number that is none. */
  number(): number {
    const initial = this.#byte();
    const size = this.#size(initial & 0x1f);
    return initial >> 5 === 0 ? size : -1 - size;
  }

  bigint(): bigint {
    const initial = this.#byte();
    const information = initial & 0x1f;
    const size = information === 27 ? this.#uint64() : BigInt(this.#size(information));
    return initial >> 5 === 0 ? size : -1n - size;
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const from = this.#string();
    return this.#bytes.subarray(from, this.#at);
  }

  text(): string {
    const from = this.#string();
    const to = this.#at;
    if (to - from <= shortestText) {
      const text = this.#ascii(from, to);
      if (text !== null) return text;
    }
    try {
      return fromUtf8(this.#bytes.subarray(from, to));
    } catch (cause) {
      throw new CborError('not canonical CBOR: text that is not UTF-8', { cause });
    }
  }

  /** How many items follow, which are the array's. */
  array(): number {
    return this.#length(this.#byte() & 0x1f);
  }

  /** Any item whole. */
  value(depth = 0): CborValue {
    if (depth > depthMax) throw tooDeep();
    switch (this.kind()) {
      case 'integer':
        return this.bigint();
      case 'bytes':
        return this.bytes().slice();
      case 'text':
        return this.text();
      case 'array': {
        const items: CborValue[] = [];
        for (let left = this.array(); left > 0; left -= 1) items.push(this.value(depth + 1));
        return items;
      }
      case 'boolean':
        return this.boolean();
      case 'null':
        return this.null();
    }
  }

  /** Passes over any item, having found it canonical; cheaper than to read it. */
  skip(depth = 0): void {
    if (depth > depthMax) throw tooDeep();
    switch (this.kind()) {
      case 'integer':
        this.#size(this.#byte() & 0x1f);
        break;
      case 'bytes':
        this.#string();
        break;
      case 'text':
        this.#skipText();
        break;
      case 'array':
        for (let left = this.array(); left > 0; left -= 1) this.skip(depth + 1);
        break;
      default:
        this.#at += 1;
    }
  }

  #skipText(): void {
    const start = this.#at;
    const from = this.#string();
    for (let index = from; index < this.#at; index += 1) {
      if ((this.#bytes[index] ?? 0) < 0x80) continue;
      this.#at = start;
      this.text();
      return;
    }
  }

  /** Null where it is not ASCII. */
  #ascii(from: number, to: number): string | null {
    let text = '';
    for (let index = from; index < to; index += 1) {
      const byte = this.#bytes[index] ?? 0;
      if (byte > 0x7f) return null;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Passes over a string, of bytes or text, and gives where its content begins. */
  #string(): number {
    const length = this.#length(this.#byte() & 0x1f);
    const from = this.#at;
    this.#at += length;
    return from;
  }

  /** Of strings and arrays: what is left bounds it, as no item is of less than a byte. */
  #length(information: number): number {
    const length = information < 24 ? information : this.#size(information);
    if (length > this.#bytes.length - this.#at) throw notCanonical('it ends too early');
    return length;
  }

  /** Exact up to 2^53 - 1; above, the nearest that a number can be. */
  #size(information: number): number {
    if (information < 24) return information;
    if (information === 27) return Number(this.#uint64());
    if (information > 27) throw notCanonical('a length that is indefinite or reserved');
    let size = 0;
    for (let left = 1 << (information - 24); left > 0; left -= 1) size = size * 256 + this.#byte();
    if (size < (least[information - 24] ?? 0)) throw notCanonical('a length longer than needed');
    return size;
  }

  #uint64(): bigint {
    const [high, low] = [this.#uint32(), this.#uint32()];
    if (high === 0) throw notCanonical('a length longer than needed');
    return (BigInt(high) << 32n) | BigInt(low);
  }

  #uint32(): number {
    let value = 0;
    for (let left = 4; left > 0; left -= 1) value = value * 256 + this.#byte();
    return value;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw notCanonical('it ends too early');
    this.#at += 1;
    return byte;
  }
}

const tooDeep = (): CborError => notCanonical(`nested deeper than ${depthMax}`);

/** By major type; 6 and 7 have to be looked at. */
const kinds: readonly (CborKind | null)[] = [
  'integer',
  'integer',
  'bytes',
  'text',
  'array',
  null,
  null,
  null,
];

/** Up to here a loop over the bytes is quicker than a call of the decoder. */
const shortestText = 12;

/** The least size that needs 1, 2 and 4 bytes. */
const least = [24, 0x100, 0x10000];
