import { expect } from 'chai';
import { columnTypes, sensitivities } from '../../src/base/columns.ts';
import { usualDialect } from '../../src/data/csv/dialect.ts';
import { readDescription, writeDataPackage } from '../../src/data/description/data-package.ts';
import {
  plainColumn,
  quasiIdentifiersOf,
  tableDescriptionDigest,
  type ColumnDescription,
  type TableDescription,
} from '../../src/data/description/table.ts';
import { checkDataPackage } from '../../src/data/shell/check-data-package.ts';
import { TableFault } from '../../src/data/table-fault.ts';
import { caseJson, faultOf } from './support/read-table.ts';

const column = (name: string, changes: Partial<ColumnDescription>): ColumnDescription => ({
  ...plainColumn(name),
  ...changes,
});

const table: TableDescription = {
  columns: [
    column('城市', { meaning: 'place.city', sensitivity: 'QUASI_IDENTIFIER', values: ['-'] }),
    column('Cost', { type: 'DECIMAL', decimalMark: ',', groupMark: '.', missing: ['', 'NA'] }),
    column('Count', { type: 'INTEGER' }),
    column('Day', { type: 'DATE', dateForm: '%d/%m/%Y' }),
    column('Seen', { type: 'DATE', dateForm: '%Y-%m-%d %H:%M:%S' }),
    column('Some day', { type: 'DATE' }),
    column('At', { type: 'TIME' }),
    column('Is', { type: 'BOOLEAN', words: { yes: ['是'], no: ['否', '没'] } }),
  ],
};
const file = {
  format: 'csv',
  encoding: 'gb18030',
  dialect: { ...usualDialect, delimiter: ';', sepLine: true },
} as const;

const packageOf = (field: object, rest: object = {}): unknown => ({
  resources: [{ name: 'x', path: 'x.csv', schema: { fields: [field] }, ...rest }],
});

describe('descriptions', () => {
  it('come back from a Data Package as they were written', async () => {
    const written = JSON.parse(
      JSON.stringify(writeDataPackage({ table, file }, '某.csv')),
    ) as unknown;
    await checkDataPackage(written);
    expect(readDescription(written)).to.deep.equal({ table, file });
  });

  for (const name of ['clinic', 'missing', 'regions']) {
    it(`are read from the plain columns of ${name}.columns.json`, async () => {
      const plain = caseJson(`${name}.columns.json`) as { name: string; sensitivity: string }[];
      const read = readDescription(plain);
      expect(read.file).to.equal(null);
      expect(read.table.columns.map((each) => each.name)).to.deep.equal(
        plain.map((each) => each.name),
      );
      expect(quasiIdentifiersOf(read.table)).to.deep.equal(
        plain.filter((each) => each.sensitivity === 'QUASI_IDENTIFIER').map((each) => each.name),
      );
      await checkDataPackage(writeDataPackage({ table: read.table, file }, `${name}.csv`));
    });
  }

  it('know the types and tags of listings', () => {
    for (const type of columnTypes) {
      for (const sensitivity of sensitivities) {
        const [column] = readDescription([{ name: 'c', type, sensitivity }]).table.columns;
        expect(column).to.include({ type, sensitivity });
      }
    }
  });

  it('take the standard’s own forms of dates, and none where any is meant', () => {
    const formOf = (field: object): string | null | undefined =>
      readDescription(packageOf({ name: 'd', ...field })).table.columns[0]?.dateForm;
    expect(formOf({ type: 'date' })).to.equal('%Y-%m-%d');
    expect(formOf({ type: 'datetime' })).to.equal('%Y-%m-%dT%H:%M:%S');
    expect(formOf({ type: 'date', format: 'any' })).to.equal(null);
    expect(readDescription([{ name: 'd', type: 'DATE' }]).table.columns[0]?.dateForm).to.equal(
      null,
    );
  });

  const refused: [string, unknown, RegExp][] = [
    ['no object', 3, /whole.*object/],
    ['two files', { resources: [{}, {}] }, /one file/],
    ['no field', { resources: [{ schema: { fields: [] } }] }, /fields.*no column/],
    ['an unknown encoding', packageOf({ name: 'a' }, { encoding: 'latin1' }), /latin1/],
    ['another format', packageOf({ name: 'a' }, { format: 'ods', encoding: 'utf-8' }), /ods/],
    [
      'an escape character',
      packageOf({ name: 'a' }, { dialect: { escapeChar: '\\' } }),
      /escapeChar/,
    ],
    ['a delimiter of two', packageOf({ name: 'a' }, { dialect: { delimiter: '||' } }), /delimiter/],
    ['a form without a year', packageOf({ name: 'a', type: 'date', format: '%d/%m' }), /%Y is not/],
    [
      'a form that is unknown',
      packageOf({ name: 'a', type: 'date', format: '%Y-%j' }),
      /%j is none/,
    ],
    ['an unknown tag', [{ name: 'a', sensitivity: 'SECRET' }], /SECRET.*GENERAL/],
    ['an unknown member', [{ name: 'a', senstivity: 'GENERAL' }], /senstivity/],
    ['a name twice', [{ name: 'a' }, { name: 'a' }], /stands before/],
    ['a marker that is a value', [{ name: 'a', missing: ['-'], values: ['-'] }], /as a value/],
    ['one mark for two things', [{ name: 'a', type: 'DECIMAL', groupMark: '.' }], /part groups/],
  ];
  for (const [what, value, message] of refused) {
    it(`refuse ${what}`, () => {
      const fault = faultOf(() => readDescription(value));
      expect(fault.kind).to.equal('DESCRIPTION');
      expect(fault.message).to.match(message);
    });
  }

  it('are held to the published schema too', async () => {
    const wrong = packageOf({ type: 'integer', name: 5 });
    const error = await checkDataPackage(wrong).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TableFault);
    expect((error as TableFault).message).to.match(/fields\/0.*Data Package 2\.0/);
  });

  it('change their digest with everything that decides how a cell reads, and with nothing of the file', () => {
    const digest = tableDescriptionDigest(table);
    for (const [index, changes] of [
      [0, { name: '城' }],
      [0, { values: [] }],
      [0, { sensitivity: 'GENERAL' }],
      [0, { meaning: null }],
      [1, { decimalMark: '.' as const, groupMark: ',' as const }],
      [1, { missing: [''] }],
      [3, { dateForm: '%m/%d/%Y' }],
      [7, { words: null }],
    ] as [number, Partial<ColumnDescription>][]) {
      const columns = table.columns.map((each, at) =>
        at === index ? { ...each, ...changes } : each,
      );
      expect(tableDescriptionDigest({ columns })).not.to.equal(digest);
    }
    const swapped = { columns: table.columns.toReversed() };
    expect(tableDescriptionDigest(swapped)).not.to.equal(digest);
    const again = readDescription(
      writeDataPackage({ table, file: { ...file, encoding: 'utf-8' } }, 'b'),
    );
    expect(tableDescriptionDigest(again.table)).to.equal(digest);
  });
});
