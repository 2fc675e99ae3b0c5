import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { profileRows, qualityOf } from '../../src/listing/profile.ts';
import { columnTypes, type ColumnType } from '../../src/base/columns.ts';
import type { Column } from '../../src/listing/schema.ts';
import { dateOf, isCanonical, isOfType } from '../../src/listing/value-form.ts';

const salt = new Uint8Array(32).fill(1);
const coverage = { from: '2000-01-01', to: '2000-12-31' };

const columnOf = (name: string, type: ColumnType): Column => ({
  name,
  type,
  meaning: 'test.column',
  sensitivity: 'GENERAL',
});
const columns = [columnOf('Name', 'TEXT'), columnOf('Day', 'DATE'), columnOf('Cost', 'INTEGER')];

const quality = (rows: string[][]) => qualityOf(profileRows(rows, columns, coverage), salt);

describe('the quality profiler', () => {
  it('gives full marks to full, typed, canonical, distinct, covered rows', () => {
    const { reportCommitment: _, ...criteria } = quality([
      ['a', '2000-01-01', '1'],
      ['b', '2000-12-31', '-20'],
    ]);
    expect(criteria).to.deep.equal({
      rows: 2,
      completeness: 10_000,
      accuracy: 10_000,
      consistency: 10_000,
      regularity: 10_000,
      timeliness: 10_000,
      accessibility: 10_000,
    });
  });

  const flaws: [string, string[], keyof ReturnType<typeof quality>, number][] = [
    ['an empty cell', ['b', '2000-02-02', ' '], 'completeness', 8333],
    ['text for a number', ['b', '2000-02-02', 'many'], 'accuracy', 8333],
    ['a day that is none', ['b', '2000-02-30', '2'], 'accuracy', 8333],
    ['a repeated row', ['a', '2000-01-01', '1'], 'consistency', 5000],
    ['a date with slashes', ['b', '2000/2/2', '2'], 'regularity', 8333],
    ['a number with commas', ['b', '2000-02-02', '1,000'], 'regularity', 8333],
    ['outer space', [' b', '2000-02-02', '2'], 'regularity', 8333],
    ['a day before the coverage', ['b', '1999-12-31', '2'], 'timeliness', 5000],
    ['a day after the coverage', ['b', '2001-01-01', '2'], 'timeliness', 5000],
    ['a missing column', ['b', '2000-02-02'], 'accessibility', 5000],
  ];
  for (const [what, row, criterion, expected] of flaws) {
    it(`marks ${criterion} down for ${what}`, () => {
      expect(quality([['a', '2000-01-01', '1'], row])[criterion]).to.equal(expected);
    });
  }

  it('marks 10,000 only where all is well: one flaw in 20,000 rows counts', () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => [`n${index}`, '2000-01-01', '1']);
    rows[7] = ['n7', '2000-01-01', ''];
    expect(quality(rows).completeness).to.equal(9999);
  });

  it('has nothing against a table without rows', () => {
    const { rows, completeness, timeliness } = quality([]);
    expect([rows, completeness, timeliness]).to.deep.equal([0, 10_000, 10_000]);
  });

  it('commits to the report under the salt', () => {
    const report = profileRows([['a', '2000-01-01', '1']], columns, coverage);
    const first = qualityOf(report, salt).reportCommitment;
    expect(qualityOf(report, salt).reportCommitment).to.equal(first);
    expect(qualityOf(report, new Uint8Array(32)).reportCommitment).not.to.equal(first);
    const other = profileRows([['a', '2000-01-01', 'x']], columns, coverage);
    expect(qualityOf(other, salt).reportCommitment).not.to.equal(first);
  });

  it('measures the 10,000 bird strikes', () => {
    const data = '../../node_modules/vega-datasets/data/birdstrikes.csv';
    const [header = [], ...rows] = parse(readFileSync(new URL(data, import.meta.url)));
    const types: Partial<Record<string, ColumnType>> = {
      'Flight Date': 'DATE',
      'Cost Other': 'INTEGER',
      'Cost Repair': 'INTEGER',
      'Cost Total $': 'INTEGER',
      'Speed IAS in knots': 'INTEGER',
    };
    const birds = header.map((name) => columnOf(name, types[name] ?? 'TEXT'));
    const span = { from: '1990-01-01', to: '2002-12-31' };
    const found = qualityOf(profileRows(rows, birds, span), salt);
    const { reportCommitment: _, ...criteria } = found;
    expect(criteria).to.deep.equal({
      rows: 10_000,
      completeness: 9797,
      accuracy: 10_000,
      consistency: 9976,
      regularity: 9998,
      timeliness: 10_000,
      accessibility: 10_000,
    });
  });
});

describe('forms of values', () => {
  const rows: [ColumnType, string, boolean, boolean][] = [
    ['INTEGER', '007', true, false],
    ['INTEGER', '-0', true, false],
    ['INTEGER', '1.5', false, false],
    ['DECIMAL', '1.50', true, true],
    ['DECIMAL', '.5', false, false],
    ['DATE', '2024-02-29', true, true],
    ['DATE', '2023-02-29', false, false],
    ['DATE', '2023-13-01', false, false],
    ['TIME', '7:05', true, false],
    ['TIME', '24:00', false, false],
    ['BOOLEAN', 'Yes', true, false],
    ['BOOLEAN', 'true', true, true],
    ['BOOLEAN', 'maybe', false, false],
    ['TEXT', 'two  spaces', true, false],
  ];
  for (const [type, value, ofType, canonical] of rows) {
    it(`${type} ${value}`, () => {
      expect([isOfType(type, value), isCanonical(type, value)]).to.deep.equal([ofType, canonical]);
    });
  }

  it('what is canonical is of its type', () => {
    fc.assert(
      fc.property(fc.constantFrom(...columnTypes), fc.string(), (type, value) => {
        expect(!isCanonical(type, value) || isOfType(type, value)).to.equal(true);
      }),
    );
  });

  it('dates are read year first only', () => {
    expect(dateOf('2000.1.2')).to.equal('2000-01-02');
    expect(dateOf('01/02/2000')).to.equal(null);
  });
});
