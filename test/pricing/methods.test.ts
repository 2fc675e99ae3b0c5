import { expect } from 'chai';
import fc from 'fast-check';
import { ahpScale, ahpWeights } from '../../src/pricing/methods/ahp.ts';
import { costFen, type CostInputs } from '../../src/pricing/methods/cost.ts';
import { incomeFen, type IncomeInputs } from '../../src/pricing/methods/income.ts';
import { knnShapley } from '../../src/pricing/methods/knn-shapley.ts';
import { marketFen } from '../../src/pricing/methods/market.ts';
import { shapley } from '../../src/pricing/methods/shapley.ts';
import { add, compare, rational, zero, type Rational } from '../../src/pricing/rational.ts';

const cost: CostInputs = {
  totalCostFen: 120_000_000n,
  returnRate: '0.2',
  quality: '0.9',
  circulation: '0.8',
  monopoly: '0.1',
  risk: '0.15',
};

const income: IncomeInputs = {
  yearlyIncomesFen: [300_000_000n, 360_000_000n, 400_000_000n],
  share: '0.35',
  discountRate: '0.12',
  timing: 'YEAR_END',
};

const text = ({ numerator, denominator }: Rational): string =>
  denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;

describe('the cost method', () => {
  it('values 1,200,000 of cost at 969,408', () => {
    expect(costFen(cost)).to.equal(96_940_800n);
  });

  it('is worth nothing at full risk and rounds halves up', () => {
    expect(costFen({ ...cost, risk: '1' })).to.equal(0n);
    const plain = { returnRate: '0', quality: '0.5', circulation: '1', monopoly: '0', risk: '0' };
    expect(costFen({ ...plain, totalCostFen: 3n })).to.equal(2n);
  });
});

describe('the income method', () => {
  it('values three incomes at 293.8457 ten thousand', () => {
    expect((incomeFen(income) + 50n) / 100n).to.equal(2_938_457n);
  });

  it('values them at 310.9770 ten thousand in the middle of the year', () => {
    expect((incomeFen({ ...income, timing: 'MID_YEAR' }) + 50n) / 100n).to.equal(3_109_770n);
  });

  it('is the share of the sum where nothing is discounted, whenever it arrives', () => {
    for (const timing of ['YEAR_END', 'MID_YEAR'] as const) {
      expect(incomeFen({ ...income, discountRate: '0', timing })).to.equal(371_000_000n);
    }
  });

  it('never gives less in the middle of the year than at its end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (yearlyIncomesFen, tenths) => {
          const inputs = { ...income, yearlyIncomesFen, discountRate: `0.${tenths}` };
          expect(incomeFen({ ...inputs, timing: 'MID_YEAR' }) >= incomeFen(inputs)).to.equal(true);
        },
      ),
    );
  });
});

describe('the market method', () => {
  it('corrects a comparable deal of 500,000 to 493,762.50', () => {
    const corrections = { quality: '1.05', supply: '0.95', date: '1.1', volume: '0.9', other: '1' };
    expect(marketFen({ ...corrections, comparableFen: 50_000_000n })).to.equal(49_376_250n);
  });
});

describe('Shapley values', () => {
  it('give the right shoe four times what each left one has', () => {
    const worth = (shoes: number) => rational(shoes & 4 && shoes & 3 ? 1n : 0n);
    expect(shapley(3, worth).map(text)).to.deep.equal(['1/6', '1/6', '2/3']);
  });

  it('share an airport of costs 1, 2, 4', () => {
    const costs = [1n, 2n, 4n];
    const worth = (users: number) =>
      rational(costs.reduce((most, one, user) => (users & (1 << user) ? one : most), 0n));
    expect(shapley(3, worth).map(text)).to.deep.equal(['1/3', '5/6', '17/6']);
  });

  it('add up to what everybody is worth together', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 1000n), { minLength: 16, maxLength: 16 }), (worths) => {
        const values = shapley(4, (coalition) => rational(worths[coalition] ?? 0n));
        const gain = (worths[15] ?? 0n) - (worths[0] ?? 0n);
        expect(compare(values.reduce(add, zero), rational(gain))).to.equal(0);
      }),
    );
  });

  it('are not computed exactly for thirteen players', () => {
    expect(() => shapley(13, () => zero)).to.throw('1 to 12');
  });
});

describe('K-nearest-neighbour Shapley values', () => {
  it('are the published ones', () => {
    const values = knnShapley([true, false, true, true, false], 2);
    expect(values.map(text)).to.deep.equal(['1/4', '-1/4', '1/4', '1/4', '0']);
  });

  it('equal the exact values of the classifier’s game', () => {
    const rows = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 4 }), (matches, neighbours) => {
        const worth = (coalition: number) => {
          const present = matches.filter((_, row) => coalition & (1 << row));
          const hits = present.slice(0, neighbours).filter(Boolean).length;
          return rational(BigInt(hits), BigInt(neighbours));
        };
        expect(knnShapley(matches, neighbours).map(text)).to.deep.equal(
          shapley(matches.length, worth).map(text),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('weights of the analytic hierarchy process', () => {
  const matrix = (rows: readonly (readonly (readonly [bigint, bigint?])[])[]) =>
    rows.map((row) => row.map(([numerator, denominator]) => rational(numerator, denominator)));

  const published = matrix([
    [[1n], [4n], [3n], [7n]],
    [[1n, 4n], [1n], [1n, 3n], [3n]],
    [[1n, 3n], [3n], [1n], [5n]],
    [[1n, 7n], [1n, 3n], [1n, 5n], [1n]],
  ]);

  it('are the published ones', () => {
    const found = ahpWeights(published);
    if (!found.ok) throw new Error(found.detail);
    const fourDigits = (value: bigint) => Number((value + 5n * 10n ** 7n) / 10n ** 8n);
    expect(found.value.weights.map(fourDigits)).to.deep.equal([5476, 1266, 2699, 559]);
    expect(fourDigits(found.value.eigenvalue)).to.equal(41_184);
    expect(fourDigits(found.value.consistencyRatio)).to.equal(439);
  });

  it('are those that a consistent matrix was made of', () => {
    const parts = [6n, 3n, 1n];
    const found = ahpWeights(parts.map((left) => parts.map((right) => rational(left, right))));
    if (!found.ok) throw new Error(found.detail);
    for (const [index, weight] of found.value.weights.entries()) {
      const exact = ((parts[index] ?? 0n) * ahpScale) / 10n;
      expect(exact - weight <= 1n && weight <= exact, `${weight}`).to.equal(true);
    }
  });

  const refused: [string, Rational[][], string][] = [
    [
      'contradictory',
      matrix([
        [[1n], [9n], [1n, 9n]],
        [[1n, 9n], [1n], [9n]],
        [[9n], [1n, 9n], [1n]],
      ]),
      'PRICING_MATRIX_INCONSISTENT',
    ],
    [
      'not reciprocal',
      matrix([
        [[1n], [2n]],
        [[1n], [1n]],
      ]),
      'PRICING_MATRIX_INVALID',
    ],
    ['not square', matrix([[[1n], [2n]]]), 'PRICING_MATRIX_INVALID'],
    [
      'negative',
      matrix([
        [[1n], [-2n]],
        [[-1n, 2n], [1n]],
      ]),
      'PRICING_MATRIX_INVALID',
    ],
    ['empty', [], 'PRICING_MATRIX_INVALID'],
  ];
  for (const [what, rows, code] of refused) {
    it(`are refused for a matrix that is ${what}`, () => {
      const found = ahpWeights(rows);
      expect(found.ok ? 'accepted' : found.result.name).to.equal(code);
    });
  }
});
