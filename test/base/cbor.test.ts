import { decode, encode } from 'cborg';
import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { CborReader } from '../../src/base/cbor-reader.ts';
import { CborWriter } from '../../src/base/cbor-writer.ts';
import { CborError, decodeCbor, encodeCbor, type CborValue } from '../../src/base/cbor.ts';

/** RFC 8949, appendix A, of the kinds that a ledger record is made of. */
const examples: [string, CborValue][] = [
  ['00', 0n],
  ['17', 23n],
  ['1818', 24n],
  ['1903e8', 1000n],
  ['1a000f4240', 1_000_000n],
  ['1b000000e8d4a51000', 1_000_000_000_000n],
  ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
  ['20', -1n],
  ['3863', -100n],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6449455446', 'IETF'],
  ['62c3bc', 'ü'],
  ['64f0908591', '\u{10151}'],
  ['80', []],
  ['8301820203820405', [1n, [2n, 3n], [4n, 5n]]],
];

const refused: [string, string][] = [
  ['nothing', ''],
  ['an empty map', 'a0'],
  ['a map', 'a201020304'],
  ['a map with unsorted keys', 'a203040102'],
  ['a map with a key twice', 'a201020103'],
  ['a half float', 'f93c00'],
  ['a single float', 'fa47c35000'],
  ['a double float', 'fb3ff199999999999a'],
  ['a float inside a list', '81f90000'],
  ['infinity', 'f97c00'],
  ['not a number', 'f97e00'],
  ['undefined', 'f7'],
  ['a simple value', 'f0'],
  ['an indefinite list', '9f01ff'],
  ['indefinite bytes', '5f420102ff'],
  ['indefinite text', '7f6161ff'],
  ['an indefinite map', 'bf0102ff'],
  ['0 in two bytes', '1800'],
  ['23 in two bytes', '1817'],
  ['255 in three bytes', '1900ff'],
  ['65535 in five bytes', '1a0000ffff'],
  ['2^32 - 1 in nine bytes', '1b00000000ffffffff'],
  ['-1 in two bytes', '3800'],
  ['a length in two bytes', '580101'],
  ['a text length in two bytes', '780161'],
  ['a list length in two bytes', '980101'],
  ['a tag', 'c11a514b67b0'],
  ['a tagged list', 'd28401020304'],
  ['a bignum', 'c249010000000000000000'],
  ['text that is not UTF-8', '61ff'],
  ['an overlong UTF-8 form', '62c080'],
  ['a UTF-8 surrogate', '63eda080'],
  ['a trailing byte', '0000'],
  ['a cut list', '8201'],
  ['cut bytes', '4401'],
  ['cut text', '6261'],
  ['a break alone', 'ff'],
  ['a reserved length', '1c'],
  ['a huge length', '5b7fffffffffffffff'],
  ['18 nested lists', `${'81'.repeat(18)}00`],
];

describe('CBOR', () => {
  for (const [hex, value] of examples) {
    it(`${hex} both ways`, () => {
      expect(toHex(encodeCbor(value))).to.equal(hex);
      expect(decodeCbor(fromHex(hex))).to.deep.equal(value);
    });
  }

  for (const [name, hex] of refused) {
    it(`refuses ${name}`, () => {
      expect(() => decodeCbor(fromHex(hex))).to.throw(CborError);
    });
  }

  it('writes a short text whole wherever the buffer has to grow', () => {
    for (let before = 4_096 - 90; before <= 4_096; before += 1) {
      for (const length of [2, 23, 24, 64]) {
        const writer = new CborWriter();
        const filler = new Uint8Array(before);
        const text = 'CN'.repeat(length / 2 + 1).slice(0, length);
        writer.raw(filler);
        writer.text(text);
        const written = writer.take().subarray(before);
        expect(toHex(written), `${length} after ${before}`).to.equal(toHex(encode(text)));
      }
    }
  });

  it('reads 16 nested lists', () => {
    expect(decodeCbor(fromHex(`${'81'.repeat(16)}00`))).to.be.an('array');
  });

  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, false),
      fc.bigInt({ min: -(1n << 64n), max: (1n << 64n) - 1n }),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array(),
      fc.array(tie('value'), { maxLength: 5 }),
    ),
  }));

  it('every value comes back', () => {
    fc.assert(
      fc.property(value, (item) => {
        expect(decodeCbor(encodeCbor(item))).to.deep.equal(item);
      }),
    );
  });

  it('passes over what it reads and nothing else', () => {
    const skips = (bytes: Uint8Array): boolean => {
      const reader = new CborReader(bytes);
      try {
        reader.skip();
        reader.end();
        return true;
      } catch (error) {
        expect(error).to.be.instanceOf(CborError);
        return false;
      }
    };
    for (const [, hex] of refused) expect(skips(fromHex(hex)), hex).to.equal(false);
    const reads = (bytes: Uint8Array): boolean => {
      try {
        decodeCbor(bytes);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(value, (item) => {
        expect(skips(encodeCbor(item))).to.equal(true);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        expect(skips(bytes)).to.equal(reads(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads an integer as a number where that is exact, and as no safe one where not', () => {
    const max = BigInt(Number.MAX_SAFE_INTEGER);
    const read = (item: bigint): number => new CborReader(encodeCbor(item)).number();
    fc.assert(
      fc.property(fc.bigInt({ min: -max, max }), (item) => {
        expect(read(item)).to.equal(Number(item));
      }),
    );
    for (const item of [max, -max, 0n, -1n, 23n, 24n]) expect(read(item)).to.equal(Number(item));
    for (const item of [max + 1n, -max - 1n, (1n << 64n) - 1n, -(1n << 64n)]) {
      expect(Number.isSafeInteger(read(item)), String(item)).to.equal(false);
    }
  });

  it('writes hexadecimal as the bytes that it says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const writer = new CborWriter();
        expect(writer.hex(toHex(bytes))).to.equal(true);
        expect(toHex(writer.take())).to.equal(toHex(encodeCbor(bytes)));
      }),
    );
    for (const wrong of ['0', '012', 'AB', '0g', 'g0', '0/', ':0', '٣٣', '00\u0130a', ' 0']) {
      const writer = new CborWriter();
      writer.null();
      expect(writer.hex(wrong), wrong).to.equal(false);
      expect(toHex(writer.take()), wrong).to.equal('f6');
    }
  });

  it('whatever bytes it reads are those it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        let read: CborValue;
        try {
          read = decodeCbor(bytes);
        } catch (error) {
          expect(error).to.be.instanceOf(CborError);
          return;
        }
        expect(toHex(encodeCbor(read))).to.equal(toHex(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  describe('against a general library', () => {
    it('writes the same bytes', () => {
      fc.assert(
        fc.property(value, (item) => {
          expect(toHex(encodeCbor(item))).to.equal(toHex(encode(item)));
        }),
        { numRuns: 1000 },
      );
    });

    it('reads what the library reads and would write again, and nothing else', () => {
      const changed = fc.tuple(value, fc.nat(), fc.nat({ max: 255 }), fc.boolean());
      fc.assert(
        fc.property(changed, ([item, place, byte, cut]) => {
          const bytes = encodeCbor(item);
          bytes[place % bytes.length] = byte;
          const tried = cut ? bytes.subarray(0, 1 + (place % bytes.length)) : bytes;
          expect(readOrNull(() => decodeCbor(tried))).to.deep.equal(
            readOrNull(() => libraryDecode(tried)),
          );
        }),
        { numRuns: 5000 },
      );
    });
  });
});

function readOrNull(read: () => CborValue): { value: CborValue } | null {
  try {
    return { value: read() };
  } catch {
    return null;
  }
}

/** What the library takes for canonical: it reads it strictly, and writes the same bytes. */
function libraryDecode(bytes: Uint8Array): CborValue {
  const found: unknown = decode(bytes, {
    allowIndefinite: false,
    allowUndefined: false,
    strict: true,
    rejectDuplicateMapKeys: true,
  });
  const ledgerValue = withBigints(found);
  if (toHex(encode(ledgerValue)) !== toHex(bytes)) throw new Error('not as it would be written');
  return ledgerValue;
}

function withBigints(found: unknown): CborValue {
  if (found === null || typeof found === 'boolean' || typeof found === 'string') return found;
  if (typeof found === 'bigint' || found instanceof Uint8Array) return found;
  if (typeof found === 'number' && Number.isSafeInteger(found)) return BigInt(found);
  if (Array.isArray(found)) return found.map(withBigints);
  throw new Error(`a ${typeof found} is no ledger value`);
}
