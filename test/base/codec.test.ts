import { Ajv } from 'ajv';
import { expect } from 'chai';
import fc from 'fast-check';
import { CborError, decodeCbor, encodeCbor, type CborValue } from '../../src/base/cbor.ts';
import { CodecError } from '../../src/base/codec-error.ts';
import {
  decodeTyped,
  encodeTyped,
  fromCbor,
  fromJson,
  toCbor,
  toJson,
} from '../../src/base/codec.ts';
import {
  bytes,
  digest,
  fen,
  flag,
  identifier,
  integer,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../../src/base/schema.ts';

const schema = record({
  id: identifier(),
  title: text(8),
  hash: digest(),
  blob: bytes(0, 4),
  price: fen(),
  count: integer(-3, 9),
  atMs: timeMs(),
  open: flag(),
  kind: oneOf(['ONE', 'TWO']),
  note: nullable(text(4)),
  parts: list(record({ name: text(4), share: nullable(fen()) }), 0, 3),
});
type Value = Static<typeof schema>;

const whole: Value = {
  id: 'abc-1',
  title: 'Grüße 鸟',
  hash: 'ab'.repeat(32),
  blob: '00ff',
  price: 999_999_999_999_999n,
  count: -3,
  atMs: 0,
  open: true,
  kind: 'TWO',
  note: null,
  parts: [
    { name: 'a', share: null },
    { name: 'b', share: 0n },
  ],
};

const words = (minLength: number, maxLength: number) =>
  fc
    .string({ unit: 'binary', minLength, maxLength })
    .filter((item) => !/[\u0000-\u001f\u007f]/.test(item)); // eslint-disable-line no-control-regex -- the schema's own class
const hex = (minBytes: number, maxBytes: number) =>
  fc
    .uint8Array({ minLength: minBytes, maxLength: maxBytes })
    .map((item) => Buffer.from(item).toString('hex'));
const amount = fc.bigInt({ min: 0n, max: 999_999_999_999_999n });

const value: fc.Arbitrary<Value> = fc.record({
  id: fc.stringMatching(/^[a-z0-9][a-z0-9-]{2,63}$/),
  title: words(1, 8),
  hash: hex(32, 32),
  blob: hex(0, 4),
  price: amount,
  count: fc.integer({ min: -3, max: 9 }),
  atMs: fc.integer({ min: 0, max: 8_640_000_000_000 }),
  open: fc.boolean(),
  kind: fc.constantFrom('ONE' as const, 'TWO' as const),
  note: fc.option(words(1, 4)),
  parts: fc.array(fc.record({ name: words(1, 4), share: fc.option(amount) }), { maxLength: 3 }),
});

const plain = (item: unknown): unknown => JSON.parse(JSON.stringify(item));

describe('codec', () => {
  it('every value comes back from its bytes and from its JSON, which fits the JSON Schema', () => {
    const fits = new Ajv({ strict: false }).compile(schema);
    fc.assert(
      fc.property(value, (item) => {
        const encoded = encodeCbor(toCbor(schema, item));
        expect(fromCbor(schema, decodeCbor(encoded))).to.deep.equal(item);
        const json = plain(toJson(schema, item));
        expect(fits(json), JSON.stringify(fits.errors)).to.equal(true);
        expect(fromJson(schema, json)).to.deep.equal(item);
      }),
    );
  });

  it('has one encoding: whatever bytes it reads are those it writes', () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x18, 0x58, 0x78, 0x98, 0x8b, 0xf6));
    const changed = fc.tuple(value, fc.nat(), byte, fc.constantFrom('set', 'insert', 'delete'));
    let taken = 0;
    fc.assert(
      fc.property(changed, ([item, seed, other, how]) => {
        const bytes = encodeTyped(schema, item);
        const at = seed % bytes.length;
        const tail = [...bytes.subarray(at + (how === 'insert' ? 0 : 1))];
        const put = how === 'delete' ? [] : [other];
        const tried = Uint8Array.from([...bytes.subarray(0, at), ...put, ...tail]);
        let read: Value;
        try {
          read = decodeTyped(schema, tried);
        } catch (error) {
          expect(error).to.satisfy(
            (it: unknown) => it instanceof CborError || it instanceof CodecError,
          );
          return;
        }
        taken += 1;
        expect(encodeTyped(schema, read)).to.deep.equal(tried);
      }),
      { numRuns: 3_000 },
    );
    expect(taken).to.be.greaterThan(100);
  });

  it('a record is a positional array: bytes for hex, integers for money and numbers', () => {
    expect(toCbor(schema, whole)).to.deep.equal([
      'abc-1',
      'Grüße 鸟',
      new Uint8Array(32).fill(0xab),
      Uint8Array.of(0, 255),
      999_999_999_999_999n,
      -3n,
      0n,
      true,
      'TWO',
      null,
      [
        ['a', null],
        ['b', 0n],
      ],
    ]);
  });

  const wrong: [string, object, string][] = [
    ['an unknown field', { extra: 1 }, '/extra'],
    ['an id with a capital', { id: 'Abc' }, '/id'],
    ['an id of two characters', { id: 'ab' }, '/id'],
    ['empty text', { title: '' }, '/title'],
    ['text of nine characters', { title: '鸟'.repeat(9) }, '/title'],
    ['a control character', { title: 'a\u0007' }, '/title'],
    ['a line feed at the end', { title: 'a\n' }, '/title'],
    ['a lone surrogate', { title: '\ud800' }, '/title'],
    ['a number for text', { title: 7 }, '/title'],
    ['a digest in capitals', { hash: 'AB'.repeat(32) }, '/hash'],
    ['a short digest', { hash: 'ab'.repeat(31) }, '/hash'],
    ['five bytes', { blob: '0011223344' }, '/blob'],
    ['half a byte', { blob: '001' }, '/blob'],
    ['money as a number', { price: 1 }, '/price'],
    ['money below zero', { price: -1n }, '/price'],
    ['money above the most', { price: 1_000_000_000_000_000n }, '/price'],
    ['an integer below', { count: -4 }, '/count'],
    ['an integer above', { count: 10 }, '/count'],
    ['a fraction', { count: 0.5 }, '/count'],
    ['not a number', { count: Number.NaN }, '/count'],
    ['a bigint for a number', { count: 1n }, '/count'],
    ['text for a flag', { open: 'true' }, '/open'],
    ['a word not of the list', { kind: 'THREE' }, '/kind'],
    ['null where it may not be', { kind: null }, '/kind'],
    ['undefined', { note: undefined }, '/note'],
    ['four items', { parts: Array(4).fill({ name: 'a', share: null }) }, '/parts'],
    ['a record for a list', { parts: {} }, '/parts'],
    ['a wrong field of an item', { parts: [{ name: 'a', share: 1 }] }, '/parts/0/share'],
    ['a missing field of an item', { parts: [{ name: 'a' }] }, '/parts/0/share'],
  ];
  for (const [name, change, path] of wrong) {
    it(`refuses ${name} at ${path}`, () => {
      expect(() => toCbor(schema, { ...whole, ...change }))
        .to.throw(CodecError)
        .with.property('path', path);
    });
  }

  it('refuses arrays of another length and items of another kind', () => {
    const encoded = toCbor(schema, whole) as CborValue[];
    const changed: [string, CborValue][] = [
      ['', encoded.slice(1)],
      ['', [...encoded, null]],
      ['', 'text'],
      ['/hash', encoded.with(2, 'ab'.repeat(32))],
      ['/price', encoded.with(4, '1')],
      ['/count', encoded.with(5, 10n)],
      ['/count', encoded.with(5, '1')],
      ['/atMs', encoded.with(6, 1n << 60n)],
      ['/open', encoded.with(7, 1n)],
      ['/kind', encoded.with(8, 'THREE')],
      ['/parts', encoded.with(10, null)],
    ];
    for (const [path, item] of changed) {
      expect(() => fromCbor(schema, item))
        .to.throw(CodecError)
        .with.property('path', path);
    }
  });

  it('money in JSON is canonical decimal text', () => {
    const json = toJson(schema, whole) as Record<string, unknown>;
    expect(json.price).to.equal('999999999999999');
    for (const price of ['01', '-1', '1.0', '1e3', ' 1', '', '1000000000000000', 5, null]) {
      expect(() => fromJson(schema, { ...json, price })).to.throw(CodecError);
    }
  });
});
