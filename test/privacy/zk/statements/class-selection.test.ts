import { expect } from 'chai';
import fc from 'fast-check';
import { zkResults } from '../../../../src/privacy/zk/results.ts';
import { selectAnonymousRows } from '../../../support/select-rows.ts';

/** A table with classes of the given sizes, named in byte order. */
const tableOf = (...sizes: readonly number[]): string[][] =>
  sizes.flatMap((size, index) => Array.from({ length: size }, () => [String(index)]));

function sizesOf(table: readonly (readonly string[])[], selected: readonly number[]): number[] {
  const sizes: number[] = [];
  selected.forEach((row, position) => {
    const previous = table[selected[position - 1] ?? -1]?.[0];
    if (table[row]?.[0] === previous) sizes.push((sizes.pop() ?? 0) + 1);
    else sizes.push(1);
  });
  return sizes;
}

describe('selectAnonymousRows', () => {
  const rows: readonly [sizes: number[], rows: number, k: number, expected: number[]][] = [
    [[5, 5], 10, 5, [5, 5]],
    [[9, 9], 16, 5, [9, 7]],
    [[9, 9], 12, 5, [7, 5]],
    [[6, 6, 9], 16, 5, [6, 5, 5]],
    [[4, 6, 4, 6], 12, 5, [6, 6]],
    [[3, 20], 20, 3, [3, 17]],
    [[3, 3, 3, 3, 3, 20], 14, 3, [14]],
    [[5, 5, 5, 6], 11, 5, [5, 6]],
    [[40], 7, 7, [7]],
  ];
  for (const [sizes, count, k, expected] of rows) {
    it(`${count} rows, k ${k}, of classes ${sizes.join(', ')}: ${expected.join(', ')}`, () => {
      const table = tableOf(...sizes);
      const outcome = selectAnonymousRows(table, { rows: count, k });
      if (!outcome.ok) throw new Error(outcome.detail);
      expect(sizesOf(table, outcome.value)).to.deep.equal(expected);
    });
  }

  const impossible: readonly [sizes: number[], rows: number, k: number][] = [
    [[], 5, 5],
    [[4, 4, 4], 10, 5],
    [[5, 5], 11, 5],
    [[5, 5, 5], 9, 5],
    [[5, 6, 5], 12, 5],
  ];
  for (const [sizes, count, k] of impossible) {
    it(`refuses ${count} rows, k ${k}, of classes ${sizes.join(', ') || 'none'}`, () => {
      const outcome = selectAnonymousRows(tableOf(...sizes), { rows: count, k });
      expect(outcome).to.include({ result: zkResults.ZK_SELECTION_IMPOSSIBLE });
    });
  }

  /** Any sum of m chosen classes, each between k and its size. */
  function possible(sizes: readonly number[], count: number, k: number): boolean {
    const large = sizes.filter((size) => size >= k);
    for (let mask = 1; mask < 2 ** large.length; mask += 1) {
      const chosen = large.filter((_, index) => ((mask >> index) & 1) === 1);
      const total = chosen.reduce((sum, size) => sum + size, 0);
      if (chosen.length * k <= count && count <= total) return true;
    }
    return false;
  }

  it('finds a choice exactly where there is one, and each class in it has k rows', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 7 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 6 }), fc.nat({ max: 40 }), (given, k, more) => {
        const table = tableOf(...given);
        const count = k + more;
        const outcome = selectAnonymousRows(table, { rows: count, k });
        expect(outcome.ok).to.equal(possible(given, count, k));
        if (!outcome.ok) return;
        expect(new Set(outcome.value).size).to.equal(count);
        const chosen = sizesOf(table, outcome.value);
        expect(Math.min(...chosen)).to.be.at.least(k);
        expect(chosen.length).to.equal(
          new Set(outcome.value.map((row) => table[row]?.[0])).size,
          'each class is contiguous',
        );
      }),
      { numRuns: 400 },
    );
  });

  it('does not depend on where rows of other classes stand', () => {
    const table = [['b'], ['a'], ['b'], ['a'], ['a'], ['b']];
    expect(selectAnonymousRows(table, { rows: 6, k: 3 })).to.deep.equal({
      ok: true,
      value: [1, 3, 4, 0, 2, 5],
    });
  });
});
