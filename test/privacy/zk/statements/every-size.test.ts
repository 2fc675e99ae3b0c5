/** Samples of every size that the packs list, of random tables, against a count that knows no circuit. */
import { expect } from 'chai';
import fc from 'fast-check';
import { sampleSizes } from '../../../../src/base/sample-sizes.ts';
import { zkResults } from '../../../../src/privacy/zk/results.ts';
import {
  prepareKAnonymity,
  quasiIdentifierElement,
} from '../../../../src/privacy/zk/statements/k-anonymity.ts';
import { defaultRules } from '../../../support/rules.ts';
import { selectAnonymousRows } from '../../../support/select-rows.ts';

type Table = readonly (readonly string[])[];

/** Rows of each class of the sample, by the texts alone. */
function classesOf(table: Table, rows: readonly number[]): number[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const name = (table[row] ?? []).map((cell) => `${cell.length}:${cell}`).join('');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts.values()];
}

/** Whether m classes of at least k can give exactly so many rows, for some m. */
function isPossible(table: Table, rows: number, k: number): boolean {
  const all = classesOf(table, [...table.keys()]);
  const large = all.filter((size) => size >= k).sort((left, right) => right - left);
  let sum = 0;
  return large.some((size, index) => {
    sum += size;
    return (index + 1) * k <= rows && rows <= sum;
  });
}

/** Some classes of the sizes drawn, in a drawn order of rows; two columns, with awkward texts. */
const tableOf = (sampleRows: number): fc.Arbitrary<Table> =>
  fc
    .array(fc.nat({ max: Math.ceil(sampleRows / 3) }), { minLength: 1, maxLength: 24 })
    .chain((sizes) => {
      const rows = sizes.flatMap((size, index) =>
        Array.from({ length: size }, () => [index % 2 === 0 ? '' : 'Ä,"', String(index)]),
      );
      return fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length });
    });

describe('a sample of random tables', () => {
  for (const { rows, k } of sampleSizes(defaultRules, 2)) {
    it(`of ${rows} rows is k-anonymous with k ${k}, and refused exactly where there is none`, () => {
      let made = 0;
      fc.assert(
        fc.property(tableOf(rows), (table) => {
          const selected = selectAnonymousRows(table, { rows, k });
          expect(selected.ok).to.equal(isPossible(table, rows, k));
          if (!selected.ok) return;
          made += 1;
          expect(new Set(selected.value).size).to.equal(rows);
          expect(Math.min(...classesOf(table, selected.value))).to.be.at.least(k);
          const column = selected.value.map((row) => quasiIdentifierElement(table[row] ?? []));
          const inputs = { binding: 1n, salt: 1n, column };
          expect(prepareKAnonymity({ rows, k }, inputs).ok).to.equal(true);
        }),
        { numRuns: rows > 1_000 ? 20 : 60, seed: rows },
      );
      expect(made, 'some tables have a sample').to.be.greaterThan(5);
    });

    it(`of ${rows} rows with one class of ${k - 1} is found out by both`, () => {
      const table = Array.from({ length: rows }, (_, row) => [row < k - 1 ? 'few' : 'many']);
      const all = [...table.keys()];
      expect(Math.min(...classesOf(table, all))).to.equal(k - 1);
      const column = table.map((cells) => quasiIdentifierElement(cells));
      const prepared = prepareKAnonymity({ rows, k }, { binding: 1n, salt: 1n, column });
      expect(prepared).to.include({ ok: false, result: zkResults.ZK_CLASS_TOO_SMALL });
    });

    it(`of ${rows} rows has exactly as many`, () => {
      for (const count of [rows - 1, rows + 1]) {
        const column = Array.from({ length: count }, () => 1n);
        const prepared = prepareKAnonymity({ rows, k }, { binding: 1n, salt: 1n, column });
        expect(prepared).to.include({ ok: false, result: zkResults.ZK_COLUMN_ROW_COUNT });
      }
    });
  }
});
