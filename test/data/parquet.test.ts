import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDescription, writeDataPackage } from '../../src/data/description/data-package.ts';
import { rowTexts } from '../../src/data/row-batch.ts';
import { checkAgainstInspection, readInspection } from '../../src/data/shell/check.ts';
import { inspectFile } from '../../src/data/shell/inspect.ts';
import { inspectionJson } from '../../src/data/shell/inspection-json.ts';
import { cellWriter } from '../../src/data/shell/parquet/cell-text.ts';
import { readTableFile } from '../../src/data/shell/read-table-file.ts';
import { TableFault } from '../../src/data/table-fault.ts';

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`./parquet/${name}`, import.meta.url));

/** What stands in both files, as text; null is missing. */
const expected: Readonly<Record<string, readonly (string | null)[]>> = {
  id: ['1', '2', null],
  big: ['9223372036854775807', '-9223372036854775808', '0'],
  u64: ['18446744073709551615', '1', '0'],
  u32: ['4294967295', '1', '0'],
  price: ['19.99', '-0.05', '5.00'],
  wide: ['12345678901234567890123456789012.345678', '-1.000000', null],
  micro: ['2024-01-31T23:59:59.123456', '1969-12-31T00:00:00.000001', null],
  nano: [
    '2024-01-31T23:59:59.123456789Z',
    '1969-12-31T23:59:59.999999999Z',
    '1970-01-01T00:00:00.000000000Z',
  ],
  day: ['2024-02-29', '1900-01-01', null],
  time: ['07:05:30.000001', '00:00:00.000000', null],
  text: ['武汉', '', null],
  bin: ['00ffe4', '', null],
  flag: ['true', 'false', null],
  dbl: ['0.1', '1e+300', 'NaN'],
  flt: ['0.1', '16777216', null],
};

describe('Parquet', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'parquet-'))));
  after(() => rmSync(folder, { recursive: true }));

  for (const name of ['types.parquet', 'types-snappy.parquet']) {
    it(`is read to the last digit of decimals, moments and large integers: ${name}`, async () => {
      let names: readonly string[] = [];
      const rows: (string | null)[][] = [];
      await readTableFile(fileOf(name), {
        onColumns: (found) => (names = found),
        onRows(batch) {
          for (let row = 0; row < batch.rows; row += 1) rows.push(rowTexts(batch, row));
        },
      });
      const found = names.map((column, at) => [column, rows.map((row) => row[at] ?? null)]);
      expect(Object.fromEntries(found)).to.deep.equal(expected);
    });
  }

  it('is the same table as its CSV, and its description says what it is', async () => {
    const path = fileOf('types.parquet');
    const inspection = await inspectFile(path);
    const types = Object.fromEntries(
      inspection.table.columns.map(({ name, type }) => [name, type]),
    );
    expect(types).to.include({
      id: 'INTEGER',
      price: 'DECIMAL',
      day: 'DATE',
      micro: 'DATE',
      time: 'TIME',
    });
    const description = writeDataPackage(
      { table: inspection.table, file: inspection.file },
      'types.parquet',
    );
    expect(readDescription(description).file).to.deep.equal({ format: 'parquet' });
    const lines = [0, 1, 2].map((row) =>
      Object.values(expected)
        .map((column) => column[row] ?? '')
        .join(','),
    );
    const csv = join(folder, 'types.csv');
    writeFileSync(csv, [Object.keys(expected).join(','), ...lines].join('\n'));
    const kept = readInspection(JSON.parse(JSON.stringify(inspectionJson(inspection))));
    if (kept === null) throw new Error('an inspection reads itself');
    const verdict = await checkAgainstInspection(csv, kept, {});
    expect(verdict.agrees).to.equal(true);
    expect(verdict.difference?.kind).to.equal('OTHER_BYTES_SAME_TABLE');
  });

  const refused: [string, () => Uint8Array, string, RegExp][] = [
    [
      'a list',
      () => readFileSync(fileOf('nested.parquet')),
      'FORMAT',
      /lists or records in its column a/,
    ],
    [
      'half a file',
      () => readFileSync(fileOf('types.parquet')).subarray(0, 3_000),
      'FORMAT',
      /write it anew/,
    ],
  ];
  for (const [what, bytes, kind, message] of refused) {
    it(`refuses ${what}`, async () => {
      const path = join(folder, `${what}.parquet`);
      writeFileSync(path, bytes());
      const fault: unknown = await inspectFile(path).catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(TableFault);
      expect((fault as TableFault).kind).to.equal(kind);
      expect((fault as TableFault).message).to.match(message);
    });
  }

  describe('cells', () => {
    const text = (element: object, value: unknown): string | undefined =>
      cellWriter({ name: 'x', ...element })?.(value);
    const rows: [object, unknown, string | undefined][] = [
      [{ type: 'INT32', converted_type: 'DECIMAL', scale: 3 }, -5, '-0.005'],
      [{ type: 'INT64', converted_type: 'DECIMAL', scale: 0 }, 7n, '7'],
      [{ type: 'BYTE_ARRAY', converted_type: 'DECIMAL', scale: 2 }, Uint8Array.of(0xff), '-0.01'],
      [{ type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }, 1n, '1970-01-01T00:00:00.001Z'],
      [{ type: 'INT32', converted_type: 'TIME_MILLIS' }, 86_399_999, '23:59:59.999'],
      [{ type: 'INT96' }, -1n, '1969-12-31T23:59:59.999999999'],
      [{ type: 'DOUBLE' }, -0, '-0'],
      [{ type: 'DOUBLE' }, Infinity, 'Infinity'],
      [{ type: 'FLOAT' }, Math.fround(3.4e38), '3.4e+38'],
      [{ type: 'FLOAT' }, Math.fround(1 / 3), '0.33333334'],
      [
        { type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'UUID' } },
        new Uint8Array(16).fill(0xab),
        'abababab-abab-abab-abab-abababababab',
      ],
      [{ type: 'FIXED_LEN_BYTE_ARRAY', converted_type: 'INTERVAL' }, new Uint8Array(12), undefined],
      [
        { type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'FLOAT16' } },
        new Uint8Array(2),
        undefined,
      ],
    ];
    for (const [element, value, written] of rows) {
      it(`${JSON.stringify(element)} ${String(value)} is ${written ?? 'refused'}`, () => {
        expect(text(element, value)).to.equal(written);
      });
    }

    it('refuses bytes that are no UTF-8 rather than replace them', () => {
      expect(() =>
        text({ type: 'BYTE_ARRAY', converted_type: 'UTF8' }, Uint8Array.of(0xff)),
      ).to.throw(RangeError);
    });
  });
});
