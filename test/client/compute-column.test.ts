import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readComputeColumn, type ComputeColumn } from '../../src/client/compute-column.ts';
import { readPlainColumns } from '../../src/data/description/plain-columns.ts';
import { TableFault } from '../../src/data/table-fault.ts';

const casePath = (name: string): string =>
  fileURLToPath(new URL(`../data/cases/${name}`, import.meta.url));

describe('inputs of a computation', () => {
  let folder: string;
  let made = 0;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'compute-column-'))));
  after(() => rm(folder, { recursive: true }));

  /** @param column what is stated of the values beside their name */
  async function read(text: string, column: object, scale = 0): Promise<ComputeColumn> {
    const file = path.join(folder, `${(made += 1)}.csv`);
    await writeFile(file, `v;g\n${text}`);
    const table = readPlainColumns([
      { name: 'v', ...column },
      { name: 'g', missing: ['', 'NA'] },
    ]);
    const columns = { valueColumn: 'v', groupColumn: 'g', scale };
    return readComputeColumn({ path: file, table, part: null, ...columns });
  }

  it('leave out and count what is missing: a blank cost is no zero', async () => {
    const columns = JSON.parse(
      await readFile(casePath('missing.columns.json'), 'utf8'),
    ) as object[];
    const { values, groups, missing } = await readComputeColumn({
      ...{ path: casePath('missing.csv'), table: readPlainColumns(columns), part: null },
      ...{ valueColumn: 'Cost', groupColumn: 'Kind', scale: 0 },
    });
    const cells = (await readFile(casePath('missing.csv'), 'utf8'))
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const blank = cells.filter((row) => row[5] === '').length;
    expect(blank).to.be.greaterThan(0);
    expect(missing).to.deep.equal({ values: blank, groups: 0, rows: blank });
    expect(values).to.deep.equal(cells.filter((row) => row[5] !== '').map((row) => Number(row[5])));
    expect(groups.reduce((sum, group) => sum + group.rows, 0)).to.equal(values.length);
  });

  it('count cells of both columns, and each row once', async () => {
    const { values, missing, groupOfRow, groups } = await read('1;a\n;b\n3;NA\n;\n5;a', {
      type: 'INTEGER',
    });
    expect(values).to.deep.equal([1, 5]);
    expect(missing).to.deep.equal({ values: 2, groups: 2, rows: 3 });
    expect([groups, [...groupOfRow]]).to.deep.equal([[{ label: 'a', rows: 2 }], [0, 0]]);
  });

  const exact: readonly (readonly [string, object, number, number])[] = [
    ['12,50', { type: 'DECIMAL', decimalMark: ',' }, 2, 1250],
    ['12,5', { type: 'DECIMAL', decimalMark: ',' }, 2, 1250],
    ['1.234,5', { type: 'DECIMAL', decimalMark: ',', groupMark: '.' }, 1, 12_345],
    ['-0.05', { type: 'DECIMAL' }, 2, -5],
    ['19.990', { type: 'DECIMAL' }, 2, 1999],
    ['+7', { type: 'INTEGER' }, 0, 7],
    ['1,234', { type: 'INTEGER', groupMark: ',' }, 3, 1_234_000],
  ];
  for (const [text, column, scale, value] of exact) {
    it(`take ${text} times 10^${scale} for ${value}`, async () => {
      expect((await read(`${text};a\n`, column, scale)).values).to.deep.equal([value]);
    });
  }

  const refused: readonly (readonly [string, object])[] = [
    ['12.505', { type: 'DECIMAL' }],
    ['1e3', { type: 'DECIMAL' }],
    ['12,50', { type: 'DECIMAL' }],
    ['a lot', { type: 'INTEGER' }],
    ['NA', { type: 'INTEGER' }],
    ['9007199254740993', { type: 'INTEGER' }],
    ['1', { type: 'TEXT' }],
  ];
  for (const [text, column] of refused) {
    it(`refuse ${text} of ${JSON.stringify(column)}, and do not tell it`, async () => {
      const error: unknown = await read(`1;a\n${text};a`, column, 2).catch((it: unknown) => it);
      expect(error).to.be.instanceOf(TableFault).with.property('kind', 'VALUES');
      expect((error as Error).message).to.match(/row 2 of "v"|no column of numbers "v"/);
      expect((error as Error).message).not.to.include(`${text} `);
    });
  }
});
