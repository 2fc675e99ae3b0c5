import { expect } from 'chai';
import fc from 'fast-check';
import { integerSquareRoot, rational, squareRootHalfUp } from '../../src/pricing/rational.ts';
import { splitRevenue } from '../../src/pricing/split.ts';

describe('revenue split', () => {
  it('splits 10000 by (1/6, 1/6, 2/3) into 1667, 1667, 6666', () => {
    const shares = [
      { partyId: 'a', share: rational(1n, 6n) },
      { partyId: 'b', share: rational(1n, 6n) },
      { partyId: 'c', share: rational(2n, 3n) },
    ];
    const amounts = splitRevenue(10_000n, shares).map(({ amountFen }) => amountFen);
    expect(amounts).to.deep.equal([1667n, 1667n, 6666n]);
  });

  it('breaks ties by party id, whatever the order they are named in', () => {
    const half = rational(1n, 2n);
    const shares = [
      { partyId: 'b', share: half },
      { partyId: 'a', share: half },
    ];
    expect(splitRevenue(1n, shares).map(({ amountFen }) => amountFen)).to.deep.equal([0n, 1n]);
  });

  it('gives everything away, and nobody is a fen off his share', () => {
    const weights = fc.array(fc.bigInt(1n, 1000n), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), weights, (amountFen, parts) => {
        const whole = parts.reduce((sum, part) => sum + part, 0n);
        const shares = parts.map((part, index) => ({
          partyId: `party-${index}`,
          share: rational(part, whole),
        }));
        const portions = splitRevenue(amountFen, shares);
        expect(portions.reduce((sum, portion) => sum + portion.amountFen, 0n)).to.equal(amountFen);
        for (const [index, portion] of portions.entries()) {
          const off = portion.amountFen * whole - amountFen * (parts[index] ?? 0n);
          expect(off > -whole && off < whole).to.equal(true);
        }
      }),
    );
  });

  it('is a bug to call with shares that are not the whole, or a party twice', () => {
    const half = { partyId: 'a', share: rational(1n, 2n) };
    expect(() => splitRevenue(1n, [half])).to.throw('add up to one');
    expect(() => splitRevenue(1n, [half, half])).to.throw('parties once');
  });
});

describe('exact square roots', () => {
  it('floor to the greatest root', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 40n), (value) => {
        const root = integerSquareRoot(value);
        expect(root * root <= value && value < (root + 1n) ** 2n).to.equal(true);
      }),
    );
  });

  it('round halves up', () => {
    expect(squareRootHalfUp(rational(9n, 4n))).to.equal(2n);
    expect(squareRootHalfUp(rational(224n, 100n))).to.equal(1n);
    expect(squareRootHalfUp(rational(0n))).to.equal(0n);
  });
});
