import { expect } from 'chai';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDescription } from '../../src/data/description/data-package.ts';
import type { Problem } from '../../src/data/profile/problems.ts';
import type { Criterion } from '../../src/data/profile/quality.ts';
import { inspectFile, type Inspection, type InspectOptions } from '../../src/data/shell/inspect.ts';
import { TableFault } from '../../src/data/table-fault.ts';
import { caseJson } from './support/read-table.ts';

const casePath = (name: string): string =>
  fileURLToPath(new URL(`./cases/${name}`, import.meta.url));
const stated = (name: string) => readDescription(caseJson(`${name}.columns.json`));

const bp = ({ quality }: Inspection, name: Criterion): number | null => quality[name].basisPoints;
const kinds = ({ problems }: Inspection): string[] =>
  problems.map(({ kind, column, text, count, row }) =>
    [kind, column, text, `${count} from ${row}`].filter((part) => part !== null).join(' '),
  );
const found = (inspection: Inspection, kind: Problem['kind']): Problem | undefined =>
  inspection.problems.find((problem) => problem.kind === kind);

describe('what is said of a table', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'inspect-'))));
  after(() => rmSync(folder, { recursive: true }));

  let made = 0;
  function inspect(text: string | Uint8Array, options: InspectOptions = {}): Promise<Inspection> {
    const file = join(folder, `table-${(made += 1)}.csv`);
    writeFileSync(file, text);
    return inspectFile(file, options);
  }

  describe('in the cases', () => {
    it('clinic.csv: all tagged columns, k = 1 and 788 unique rows of the whole file', async () => {
      const { anonymity } = await inspectFile(casePath('clinic.csv'), {
        description: stated('clinic'),
      });
      expect(anonymity).to.deep.equal({
        columns: ['Age', 'Sex', 'Postcode'],
        ...{ rows: 800, leftOut: 0, k: 1, uniqueRows: 788 },
        smallest: [
          { rows: 1, classes: 788 },
          { rows: 2, classes: 6 },
        ],
      });
    });

    it('missing.csv: rows without quasi-identifiers left out, dates in no stated form not measured', async () => {
      const options = { coverage: { from: '1990-01-01', to: '2002-12-31' } };
      const description = stated('missing');
      const inspection = await inspectFile(casePath('missing.csv'), { ...options, description });
      expect(bp(inspection, 'timeliness')).to.equal(null);
      expect(inspection.anonymity.leftOut).to.equal(560);
      expect(inspection.anonymity.rows).to.equal(240);
      expect(kinds(inspection)).to.deep.equal(
        [
          'undeclared-marker State NA 195 from 2',
          'undeclared-marker State * 174 from 4',
          'date-form-not-stated Date 800 from ',
        ].map((text) => text.replace('from ', text.endsWith('from ') ? 'from null' : 'from ')),
      );
      expect(inspection.problems.filter(({ blocks }) => blocks)).to.have.length(2);
      const cost = inspection.examined.counts.columns[5];
      expect([cost?.missing, cost?.present]).to.deep.equal([187, 613]);
    });

    it('missing.csv: its form of dates is proposed, and by it no day lies in the coverage', async () => {
      const inspection = await inspectFile(casePath('missing.csv'), {
        coverage: { from: '1990-01-01', to: '2002-12-31' },
      });
      const date = inspection.table.columns.find(({ name }) => name === 'Date');
      expect([date?.type, date?.dateForm]).to.deep.equal(['DATE', '%d/%m/%Y']);
      expect(bp(inspection, 'timeliness')).to.equal(0);
    });

    it('regions: the table with exchanged regions is another one', async () => {
      const [one, other] = await Promise.all(
        ['regions.gbk.csv', 'regions-rotated.gbk.csv'].map((name) =>
          inspectFile(casePath(name), { description: stated('regions') }),
        ),
      );
      expect(one?.examined.bare.root).not.to.equal(other?.examined.bare.root);
      expect(one?.examined.bare.header).to.equal(other?.examined.bare.header);
    });

    it('shops: one table in two encodings, another with exchanged cities', async () => {
      const names = ['shops.gbk.csv', 'shops.utf8.csv', 'shops-other.gbk.csv'];
      const roots = await Promise.all(
        names.map(async (name) => (await inspectFile(casePath(name))).examined.bare.root),
      );
      expect(roots[0]).to.equal(roots[1]);
      expect(roots[0]).not.to.equal(roots[2]);
    });

    it('costs: two names exchanged are another table', async () => {
      const [one, other] = await Promise.all(
        ['costs.csv', 'costs-swapped-header.csv'].map((name) => inspectFile(casePath(name))),
      );
      expect(one?.examined.bare.root).not.to.equal(other?.examined.bare.root);
    });

    it('semicolon.csv: a decimal comma', async () => {
      const { table } = await inspectFile(casePath('semicolon.csv'));
      expect(table.columns.map(({ type }) => type)).to.deep.equal(['TEXT', 'DECIMAL', 'INTEGER']);
      expect(table.columns[1]?.decimalMark).to.equal(',');
    });

    it('trailing-blank.csv: the same table as without its last line', async () => {
      const whole = await inspectFile(casePath('trailing-blank.csv'));
      const without = await inspect('id,city,amount\n1,Wuhan,10\n2,Beijing,20\n');
      expect(whole.examined.bare.root).to.equal(without.examined.bare.root);
    });

    it('a table without rows is refused, in words', async () => {
      const refused = await inspect('a,b\n').catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(TableFault);
      expect((refused as TableFault).message).to.include('no row below');
    });

    it('a column of NA, NULL, - and N/A alone is not complete', async () => {
      const inspection = await inspect('id,x\n1,NA\n2,NULL\n3,-\n4,N/A\n');
      expect(inspection.quality.completeness).to.include({
        numerator: 4,
        denominator: 8,
        basisPoints: 5_000,
      });
      expect(
        kinds(inspection).filter((text) => text.startsWith('undeclared-marker')),
      ).to.have.length(4);
      expect(found(inspection, 'empty-column')?.column).to.equal('x');
    });

    it('300 columns of statistics by province are read', async () => {
      const header = ['省份', ...Array.from({ length: 299 }, (_, at) => `${1700 + at}年`)].join(
        ',',
      );
      const rows = Array.from({ length: 31 }, (_, row) =>
        [`省${row}`, ...Array.from({ length: 299 }, (_, at) => row * at)].join(','),
      );
      const inspection = await inspect([header, ...rows].join('\n'));
      expect([inspection.table.columns.length, inspection.examined.counts.rows]).to.deep.equal([
        300, 31,
      ]);
    });
  });

  describe('by its criteria', () => {
    const columns = [
      { name: 'Name', type: 'TEXT' },
      { name: 'Day', type: 'DATE', dateForm: '%Y-%m-%d' },
      { name: 'Cost', type: 'INTEGER' },
    ];
    const coverage = { from: '2000-01-01', to: '2000-12-31' };
    const measured = (row: string): Promise<Inspection> =>
      inspect(`Name,Day,Cost\na,2000-01-01,1\n${row}\n`, {
        description: readDescription(columns),
        coverage,
      });

    it('are full for full, typed, canonical, distinct, covered rows', async () => {
      const inspection = await measured('b,2000-12-31,-20');
      for (const { basisPoints } of Object.values(inspection.quality))
        expect(basisPoints).to.equal(10_000);
    });

    const flaws: [string, string, Criterion, number][] = [
      ['a missing cell', 'b,2000-02-02,', 'completeness', 8_333],
      ['a cell of spaces', 'b,2000-02-02,  ', 'completeness', 8_333],
      ['an undeclared marker', 'b,2000-02-02,NA', 'completeness', 8_333],
      ['text for a number', 'b,2000-02-02,many', 'accuracy', 7_500],
      ['a day that is none', 'b,2000-02-30,2', 'accuracy', 7_500],
      ['a date in another form', 'b,02/02/2000,2', 'accuracy', 7_500],
      ['a repeated row', 'a,2000-01-01,1', 'consistency', 5_000],
      ['a number with a zero before it', 'b,2000-02-02,02', 'regularity', 8_333],
      ['outer space', ' b,2000-02-02,2', 'regularity', 8_333],
      ['a day before the coverage', 'b,1999-12-31,2', 'timeliness', 5_000],
      ['a day after the coverage', 'b,2001-01-01,2', 'timeliness', 5_000],
      ['a row of another width', 'b,2000-02-02', 'accessibility', 5_000],
    ];
    for (const [what, row, criterion, expected] of flaws) {
      it(`mark ${criterion} down for ${what}`, async () => {
        expect(bp(await measured(row), criterion)).to.equal(expected);
      });
    }

    it('say 100 % of all only: one flaw in 20,000 rows counts', async () => {
      const rows = Array.from(
        { length: 20_000 },
        (_, at) => `n${at},2000-01-01,${at === 7 ? '' : 1}`,
      );
      const inspection = await measured(rows.join('\n'));
      expect(bp(inspection, 'completeness')).to.equal(9_999);
    });

    const unmeasurable: [string, string, object[], Criterion][] = [
      ['no value of a type', 'a\nx\n', [{ name: 'a' }], 'accuracy'],
      [
        'no value at all',
        'a,b\n,\n',
        [{ name: 'a' }, { name: 'b', type: 'INTEGER' }],
        'regularity',
      ],
      ['no date', 'a\nx\n', [{ name: 'a' }], 'timeliness'],
      ['a date in no stated form', 'a\n2000-01-01\n', [{ name: 'a', type: 'DATE' }], 'timeliness'],
    ];
    for (const [what, text, described, criterion] of unmeasurable) {
      it(`cannot be measured of ${what}: ${criterion}`, async () => {
        const inspection = await inspect(text, {
          description: readDescription(described),
          coverage,
        });
        expect(inspection.quality[criterion]).to.include({ numerator: null, basisPoints: null });
      });
    }

    it('count a usual marker as a value where it is declared one, and as missing where it is that', async () => {
      const of = async (stated: object): Promise<Inspection> =>
        inspect('id,a\n1,-\n2,x\n', {
          description: readDescription([{ name: 'id' }, { name: 'a', ...stated }]),
        });
      expect((await of({ values: ['-'] })).quality.completeness.numerator).to.equal(4);
      const missing = await of({ missing: ['-'] });
      expect(missing.quality.completeness.numerator).to.equal(3);
      expect(missing.examined.counts.columns[1]?.missing).to.equal(1);
      expect(found(missing, 'undeclared-marker')).to.equal(undefined);
    });
  });

  describe('by what is proposed', () => {
    const proposals: [string, string[], string][] = [
      ['whole numbers', ['1', '-2', '30'], 'INTEGER'],
      [
        'numbers, of which one in a hundred is not',
        [...Array.from({ length: 99 }, (_, at) => `${at}`), 'x'],
        'INTEGER',
      ],
      ['numbers with leading zeros', ['0111', '2', '3'], 'TEXT'],
      ['twenty-digit names', ['12345678901234567890', '1', '2'], 'TEXT'],
      ['decimals', ['1', '2.50', '3'], 'DECIMAL .'],
      ['decimal commas', ['1', '"2,50"', '3'], 'DECIMAL ,'],
      ['what may be thousands', ['"1,234"', '"2,500"', '3'], 'TEXT'],
      ['numbers with what looks missing', ['1', 'NA', '2'], 'INTEGER'],
      ['times', ['07:05', '23:59'], 'TIME'],
      ['true and false', ['true', 'False'], 'BOOLEAN'],
      ['ISO dates', ['2024-01-31', '2024-02-01'], 'DATE %Y-%m-%d'],
      ['days first', ['31/01/2024', '01/02/2024'], 'DATE %d/%m/%Y'],
      ['months first', ['01/31/2024', '02/01/2024'], 'DATE %m/%d/%Y'],
      ['what may be either', ['01/02/2024', '03/04/2024'], 'DATE'],
      ['Chinese dates', ['2024年1月31日'], 'DATE %Y年%m月%d日'],
      ['moments', ['2024-01-31 12:30:00'], 'DATE %Y-%m-%d %H:%M:%S'],
      [
        'eight digits that are all days',
        Array.from({ length: 24 }, (_, at) => `202401${10 + (at % 20)}`),
        'DATE %Y%m%d',
      ],
      ['eight digits that are not', ['20240131', '99999999'], 'INTEGER'],
    ];
    for (const [what, cells, expected] of proposals) {
      it(`${what} are ${expected}`, async () => {
        const { table } = await inspect(
          `key,x\n${cells.map((cell, at) => `k${at},${cell}`).join('\n')}\n`,
        );
        const column = table.columns[1];
        const form =
          column?.type === 'DATE'
            ? column.dateForm
            : column?.type === 'DECIMAL'
              ? column.decimalMark
              : null;
        expect([column?.type, form].filter((part) => part !== null).join(' ')).to.equal(expected);
      });
    }

    it('by all of a file, not its beginning alone: a zero before a number in the last row', async () => {
      const rows = Array.from({ length: 120_000 }, (_, at) => `${at + 1000},some more words`);
      const inspection = await inspect(['id,words', ...rows, '0999,last'].join('\n'));
      expect(inspection.table.columns[0]?.type).to.equal('TEXT');
      expect(inspection.examined.counts.columns[0]?.ofType).to.equal(120_001);
    }).timeout(20_000);
  });

  describe('by classes', () => {
    it('are the same whether they are counted in memory or outside it, and nothing stays', async () => {
      const rows = Array.from({ length: 30_000 }, (_, at) => `${at % 7_000},${at % 3},${at}`);
      const text = ['a,b,id', ...rows].join('\n');
      const temporaryFolder = mkdtempSync(join(folder, 'spill-'));
      const quasiIdentifiers = ['a', 'b'];
      const told: number[] = [];
      const outside = await inspect(text, {
        ...{ quasiIdentifiers, temporaryFolder, heldBytes: 4_096 },
        onSpill: (bytes) => told.push(bytes),
      });
      const inside = await inspect(text, { quasiIdentifiers });
      expect(outside.anonymity).to.deep.equal(inside.anonymity);
      expect(outside.quality.consistency.numerator).to.equal(30_000);
      const plain = new Map<string, number>();
      for (const row of rows) {
        const key = row.split(',').slice(0, 2).join();
        plain.set(key, (plain.get(key) ?? 0) + 1);
      }
      expect(outside.anonymity.k).to.equal(Math.min(...plain.values()));
      expect(told[0]).to.be.greaterThan(30_000 * 16);
      expect(readdirSync(temporaryFolder)).to.deep.equal([]);
    }).timeout(20_000);

    it('stop when asked to, and leave nothing behind', async () => {
      const temporaryFolder = mkdtempSync(join(folder, 'stopped-'));
      const controller = new AbortController();
      const rows = Array.from(
        { length: 60_000 },
        (_, at) => `${at},some words that make a row longer`,
      );
      const stopped = await inspect(['a,b', ...rows].join('\n'), {
        ...{ temporaryFolder, heldBytes: 4_096, signal: controller.signal },
        onProgress: () => controller.abort(),
      }).catch((error: unknown) => error);
      expect(stopped).to.include({ code: 'CANCELLED' });
      expect(readdirSync(temporaryFolder)).to.deep.equal([]);
    });

    it('agree with what an independent tool was kept to say of the cases', async () => {
      const kept = JSON.parse(
        readFileSync(new URL('./agreement.json', import.meta.url), 'utf8'),
      ) as { rows: { what: string; columns: string[]; pycanon: { withoutMissing: object } }[] };
      expect(kept.rows).to.have.length(10);
      const ofCases = kept.rows.filter(({ what }) => /^[a-z]+(\.gbk)?\.csv/.test(what));
      expect(ofCases).to.have.length(3);
      for (const { what, columns, pycanon } of ofCases) {
        const path = casePath(what.split(',')[0] ?? '');
        const { anonymity } = await inspectFile(path, { quasiIdentifiers: columns });
        expect(anonymity).to.deep.include(pycanon.withoutMissing);
      }
    });

    it('are none where every row lacks a quasi-identifier', async () => {
      const { anonymity } = await inspect('a,b\n,1\n,2\n', { quasiIdentifiers: ['a'] });
      expect(anonymity).to.include({ k: null, uniqueRows: null, leftOut: 2, rows: 0 });
    });

    it('are asked for where a column is of a person', async () => {
      const description = readDescription([{ name: 'a', meaning: 'person.age' }]);
      const inspection = await inspect('a\n1\n', { description });
      expect(found(inspection, 'no-quasi-identifier')?.blocks).to.equal(true);
      expect(inspection.anonymity.k).to.equal(null);
    });

    it('are of columns that there are', async () => {
      const refused = await inspect('a\n1\n', { quasiIdentifiers: ['Age'] }).catch(
        (error: unknown) => error,
      );
      expect((refused as TableFault).message).to.match(/no column "Age".*Its columns: a/);
    });
  });

  for (const [what, bytes, message] of [
    ['an XLSX file', 'PK\u0003\u0004rest', /ZIP file.*CSV/],
    ['a file that only begins as Parquet does', 'PAR1restrestrest', /cannot be read as Parquet/],
  ] as const) {
    it(`refuses ${what} by name`, async () => {
      const refused = await inspect(bytes).catch((error: unknown) => error);
      expect((refused as TableFault).message).to.match(message);
    });
  }
});
