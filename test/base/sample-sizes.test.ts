import { expect } from 'chai';
import fc from 'fast-check';
import { decodeTyped, encodeTyped, fromJson, toJson } from '../../src/base/codec.ts';
import { CodecError } from '../../src/base/codec-error.ts';
import { rulePackSchema, type RulePack, type SampleSize } from '../../src/base/rules.ts';
import { neededSize, sampleSizes, sizeNamed, sizesFault } from '../../src/base/sample-sizes.ts';
import { added, integer, list, record, text } from '../../src/base/schema.ts';
import { loadCatalogue } from '../../src/privacy/zk/catalogue.ts';
import { defaultRules, testRules } from '../support/rules.ts';

const sizes = sampleSizes(defaultRules, 2);
const { sizes: _, ...single } = defaultRules.sample;
const oldPack: RulePack = { ...defaultRules, sample: single };

describe('the size of a sample that a file needs', () => {
  const rows: readonly (readonly [fileRows: number, needed: number | null, k: number | null])[] = [
    [1, null, null],
    [15, null, null],
    [16, 16, 3],
    [255, 16, 3],
    [256, 64, 5],
    [1_023, 64, 5],
    [1_024, 128, 5],
    [4_095, 128, 5],
    [4_096, 512, 5],
    [99_999, 512, 5],
    [100_000, 2_048, 5],
    [1_000_000_000, 2_048, 5],
  ];
  for (const [fileRows, needed, k] of rows) {
    it(`${fileRows} rows by the packs of this release: ${needed ?? 'no sample'}, k ${k ?? '–'}`, () => {
      for (const pack of [defaultRules, testRules]) {
        const found = neededSize(sampleSizes(pack, 2), fileRows);
        expect([found?.rows ?? null, found?.k ?? null]).to.deep.equal([needed, k]);
      }
    });
  }

  it('by machine version 1, and of a pack that lists none: the one of the pack, for every file', () => {
    for (const [pack, version] of [
      [defaultRules, 1],
      [oldPack, 1],
      [oldPack, 2],
    ] as const) {
      const only = { circuitId: 'k-anonymity-512-k5', rows: 512, k: 5 };
      expect(neededSize(sampleSizes(pack, version), 1)).to.include(only);
      expect(neededSize(sampleSizes(pack, version), 1_000_000)).to.include(only);
    }
  });

  it('a size is named by circuit and rows together', () => {
    expect(sizeNamed(sizes, { circuitId: 'k-anonymity-64-k5', rows: 64 })?.k).to.equal(5);
    expect(sizeNamed(sizes, { circuitId: 'k-anonymity-64-k5', rows: 128 })).to.equal(null);
    expect(sizeNamed(sizes, { circuitId: 'k-anonymity-64-k6', rows: 64 })).to.equal(null);
  });

  it('packs say of each circuit what it is compiled for', async () => {
    const { circuits } = await loadCatalogue();
    const compiled = circuits.map(({ id, parameters }) => ({ circuitId: id, ...parameters }));
    const named = sizes.map(({ circuitId, rows: ofRows, k }) => ({ circuitId, rows: ofRows, k }));
    expect(named).to.deep.equal(compiled);
  });
});

describe('the sizes of a pack', () => {
  const at = (index: number, change: Partial<SampleSize>): SampleSize[] =>
    sizes.map((size, each) => (each === index ? { ...size, ...change } : size));
  const rows: readonly (readonly [string, SampleSize[] | undefined, string | null])[] = [
    ['the packs of this release', [...sizes], null],
    ['none at all', undefined, null],
    ['the one of the pack alone', [sizes[3] as SampleSize], null],
    ['k above rows', at(0, { k: 17 }), '/sizes/0/k'],
    ['a file smaller than its sample', at(0, { fileRowsMin: 15 }), '/sizes/0/fileRowsMin'],
    ['a circuit twice', at(2, { circuitId: 'k-anonymity-64-k5' }), '/sizes/2/circuitId'],
    ['no more rows', at(2, { rows: 64 }), '/sizes/2/rows'],
    ['a smaller k', at(2, { k: 4 }), '/sizes/2/k'],
    ['no larger file', at(2, { fileRowsMin: 256 }), '/sizes/2/fileRowsMin'],
    ['without the one of the pack', sizes.filter(({ rows: of }) => of !== 512), '/sizes'],
    ['another k of the one of the pack', at(3, { k: 6 }).slice(0, 4), '/sizes'],
  ];
  for (const [what, given, path] of rows) {
    it(`${what}: ${path ?? 'in order'}`, () => {
      const sample = { ...single, ...(given === undefined ? {} : { sizes: given }) };
      expect(sizesFault(sample)?.path ?? null).to.equal(path);
    });
  }

  it('a larger sample than the needed one has no smaller k', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 10_000_000 }), (fileRows) => {
        const needed = neededSize(sizes, fileRows);
        const larger = sizes.filter(({ rows: of }) => of >= (needed?.rows ?? 0));
        expect(larger.every(({ k }) => k >= (needed?.k ?? 0))).to.equal(true);
        expect(needed?.rows).to.be.at.most(fileRows);
      }),
    );
  });
});

describe('a field that was added to a record', () => {
  const before = record({ a: integer(0, 9), b: text(4) });
  const grown = record({ a: integer(0, 9), b: text(4), c: added(list(integer(0, 9), 0, 2)) });

  it('leaves the bytes as they were where it is absent', () => {
    const value = { a: 1, b: 'x' };
    const bytes = encodeTyped(before, value);
    expect(encodeTyped(grown, value)).to.deep.equal(bytes);
    expect(decodeTyped(grown, bytes)).to.deep.equal(value);
    expect(fromJson(grown, toJson(grown, value))).to.deep.equal(value);
  });

  it('stands at the end where it is there, and old programs refuse it', () => {
    const value = { a: 1, b: 'x', c: [2] };
    const bytes = encodeTyped(grown, value);
    expect(decodeTyped(grown, bytes)).to.deep.equal(value);
    expect(fromJson(grown, toJson(grown, value))).to.deep.equal(value);
    expect(() => decodeTyped(before, bytes)).to.throw(CodecError, 'has 3 fields where 2 belong');
  });

  it('is checked like any other, and no field before it may be absent', () => {
    const rows: readonly (readonly [unknown, string])[] = [
      [{ a: 1, b: 'x', c: [10] }, '/c/0'],
      [{ a: 1, b: 'x', c: null }, '/c'],
      [{ a: 1, c: [] }, '/b: missing field'],
      [{ a: 1, b: 'x', d: [] }, '/d: unknown field'],
      [null, 'not a record'],
    ];
    for (const [value, problem] of rows) {
      expect(() => encodeTyped(grown, value as never)).to.throw(CodecError, problem);
    }
  });

  it('comes behind all that are not', () => {
    const wrong = record({ a: added(integer(0, 9)), b: text(4) });
    expect(() => encodeTyped(wrong, { b: 'x' })).to.throw(CodecError, 'added before another');
  });

  it('the packs from before still read, to the same bytes', () => {
    const bytes = encodeTyped(rulePackSchema, oldPack);
    expect(decodeTyped(rulePackSchema, bytes)).to.deep.equal(oldPack);
    expect(encodeTyped(rulePackSchema, defaultRules)).to.not.deep.equal(bytes);
  });
});
