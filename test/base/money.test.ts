import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../src/base/assert.ts';
import { divideHalfUp, shareFen, splitVatInclusive } from '../../src/base/money.ts';

describe('money', () => {
  const quotients: [bigint, bigint, bigint][] = [
    [0n, 3n, 0n],
    [1n, 3n, 0n],
    [1n, 2n, 1n],
    [2n, 3n, 1n],
    [5n, 2n, 3n],
    [10n, 4n, 3n],
    [9n, 4n, 2n],
  ];
  for (const [dividend, divisor, quotient] of quotients) {
    it(`${dividend} / ${divisor} is ${quotient}, half up`, () => {
      expect(divideHalfUp(dividend, divisor)).to.equal(quotient);
    });
  }

  it('the domain’s example: price, VAT, fee and what VAT is in it', () => {
    expect(shareFen(10_000_000n, 600)).to.equal(600_000n);
    expect(shareFen(10_000_000n, 250)).to.equal(250_000n);
    expect(splitVatInclusive(250_000n, 600)).to.deep.equal({ netFen: 235_849n, vatFen: 14_151n });
  });

  const amount = fc.bigInt({ min: 0n, max: 999_999_999_999_999n });
  const rate = fc.integer({ min: 0, max: 10_000 });

  it('is never more than half a unit away, and parts make the whole', () => {
    fc.assert(
      fc.property(
        amount,
        fc.bigInt({ min: 1n, max: 1_000_000n }),
        rate,
        (whole, divisor, points) => {
          const twice = divideHalfUp(whole, divisor) * divisor * 2n - whole * 2n;
          expect(twice <= divisor && twice > -divisor).to.equal(true);
          const { netFen, vatFen } = splitVatInclusive(whole, points);
          expect(netFen + vatFen).to.equal(whole);
          expect(vatFen >= 0n).to.equal(true);
          expect(shareFen(whole, points) <= whole).to.equal(true);
        },
      ),
    );
  });

  it('takes no negative amount and no divisor of 0', () => {
    expect(() => divideHalfUp(-1n, 2n)).to.throw(InvariantError);
    expect(() => divideHalfUp(1n, 0n)).to.throw(InvariantError);
  });
});
