import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/base/bytes.ts';
import {
  bandKeys,
  hashFamily,
  minHashSignature,
  rowElement,
  similarityBasisPoints,
} from '../../src/rights/near-duplicate.ts';

const textbook = [
  { multiplier: 1n, addend: 1n, modulus: 5n },
  { multiplier: 3n, addend: 1n, modulus: 5n },
];

describe('near-duplicates', () => {
  const vectors: [string, bigint[], bigint[]][] = [
    ['S1', [0n, 3n], [1n, 0n]],
    ['S2', [2n], [3n, 2n]],
    ['S3', [1n, 3n, 4n], [0n, 0n]],
    ['S4', [0n, 2n, 3n], [1n, 0n]],
  ];
  for (const [name, set, signature] of vectors) {
    it(`MinHash of the textbook's ${name}`, () => {
      expect(minHashSignature(set, textbook)).to.deep.equal(signature);
    });
  }

  it('S1 and S4 look alike, S1 and S3 half', () => {
    const of = (set: bigint[]) => minHashSignature(set, textbook);
    expect(similarityBasisPoints(of([0n, 3n]), of([0n, 2n, 3n]))).to.equal(10_000);
    expect(similarityBasisPoints(of([0n, 3n]), of([1n, 3n, 4n]))).to.equal(5000);
  });

  const family = hashFamily(utf8('test'), 128);
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => rowElement([String(from + index)]));

  it('estimates Jaccard similarity within 12 points at 128 hashes', () => {
    const whole = minHashSignature(rows(0, 300), family);
    for (const [from, to, jaccard] of [
      [0, 300, 10_000],
      [100, 400, 5000],
      [150, 450, 3333],
      [1000, 1300, 0],
    ] as const) {
      const estimate = similarityBasisPoints(whole, minHashSignature(rows(from, to), family));
      expect(estimate).to.be.closeTo(jaccard, 1200);
    }
  });

  it('a relisting with 5% of its rows changed is a candidate; another table is not', () => {
    const keys = (from: number, to: number) =>
      bandKeys(minHashSignature(rows(from, to), family), 8);
    const listed = new Set(keys(0, 300));
    expect(keys(8, 308).some((key) => listed.has(key))).to.equal(true);
    expect(keys(1000, 1300).some((key) => listed.has(key))).to.equal(false);
  });

  it('does not depend on order or repetition', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 1n << 60n }), { minLength: 1 }), (set) => {
        const shuffled = [...set.toReversed(), ...set];
        const few = family.slice(0, 4);
        expect(minHashSignature(shuffled, few)).to.deep.equal(minHashSignature(set, few));
      }),
    );
  });
});
