import { expect } from 'chai';
import { differenceLines } from '../../src/data/difference-text.ts';
import type { Difference } from '../../src/data/difference.ts';

const rows = (numbers: readonly number[] | null, found = 900): Difference => ({
  kind: 'OTHER_ROWS',
  expected: 900,
  found,
  columns: numbers === null ? null : ['Region'],
  ranges: numbers === null ? null : [{ from: 1, to: 900 }],
  rows: numbers,
});

const every = Array.from({ length: 900 }, (_, at) => at + 1);
const odd = every.filter((row) => row % 2 === 1);

describe('cli: how a file is another, for people', () => {
  const cases: [string, Difference, Record<string, string>][] = [
    [
      'all rows of one column',
      rows(every),
      {
        difference: '900 rows, as expected, but not the same',
        columns: 'Region',
        where: 'rows 1 to 900',
      },
    ],
    [
      'some rows',
      rows([3, 4, 5, 17]),
      {
        difference: '900 rows, as expected, but not the same',
        columns: 'Region',
        where: 'rows 3 to 5, 17',
      },
    ],
    [
      'many rows apart',
      rows(odd),
      {
        difference: '900 rows, as expected, but not the same',
        columns: 'Region',
        where: `rows ${odd.slice(0, 20).join(', ')} and 430 more`,
      },
    ],
    [
      'more rows, and no index',
      rows(null, 901),
      { difference: '901 rows, where 900 are expected' },
    ],
    [
      'other columns',
      { kind: 'OTHER_COLUMNS', expected: ['a', 'b'], found: ['b', 'a'], columns: ['a', 'b'] },
      {
        difference: 'other columns, or in another order',
        expected: 'a, b',
        found: 'b, a',
        differ: 'a, b',
      },
    ],
    [
      'another number of columns',
      { kind: 'OTHER_COLUMNS', expected: null, found: ['a'], columns: [] },
      {
        difference: 'other columns, or in another order',
        expected: 'another number',
        found: 'a',
        differ: 'none',
      },
    ],
    [
      'a place that cannot be read',
      { kind: 'UNREADABLE', detail: 'The quote is never closed.', line: 7, column: 3 },
      {
        difference: 'the file cannot be read',
        where: 'line 7, character 3',
        because: 'The quote is never closed.',
      },
    ],
    [
      'a file without lines that cannot be read',
      { kind: 'UNREADABLE', detail: 'It ends early.', line: null, column: null },
      { difference: 'the file cannot be read', because: 'It ends early.' },
    ],
    [
      'other bytes',
      { kind: 'OTHER_BYTES_SAME_TABLE', detail: 'Its encoding is another.' },
      {
        difference: 'none in the table; the file has other bytes',
        because: 'Its encoding is another.',
      },
    ],
  ];
  for (const [what, difference, lines] of cases) {
    it(`says it of ${what}`, () => {
      expect(differenceLines(difference)).to.deep.equal(lines);
    });
  }
});
