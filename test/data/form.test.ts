import { expect } from 'chai';
import { plainColumn, type ColumnDescription } from '../../src/data/description/table.ts';
import { columnForm } from '../../src/data/form/column-form.ts';
import { dayNumber, dayReader } from '../../src/data/form/date-form.ts';

const rows: [Partial<ColumnDescription>, string, 0 | 1 | 2][] = [
  [{ type: 'INTEGER' }, '12', 2],
  [{ type: 'INTEGER' }, '-3', 2],
  [{ type: 'INTEGER' }, '0', 2],
  [{ type: 'INTEGER' }, '007', 1],
  [{ type: 'INTEGER' }, '+5', 1],
  [{ type: 'INTEGER' }, '-0', 1],
  [{ type: 'INTEGER' }, '12345678901234567890', 2],
  [{ type: 'INTEGER' }, '1,000', 0],
  [{ type: 'INTEGER', groupMark: ',' }, '1,000', 1],
  [{ type: 'INTEGER', groupMark: ',' }, '1,0000', 0],
  [{ type: 'INTEGER', groupMark: ',' }, '1000', 2],
  [{ type: 'INTEGER' }, '1.5', 0],
  [{ type: 'INTEGER' }, '', 0],
  [{ type: 'INTEGER' }, '-', 0],
  [{ type: 'INTEGER' }, '０', 0],
  [{ type: 'DECIMAL' }, '1.50', 2],
  [{ type: 'DECIMAL' }, '-12', 2],
  [{ type: 'DECIMAL' }, '1.', 0],
  [{ type: 'DECIMAL' }, '.5', 0],
  [{ type: 'DECIMAL' }, '1.5e3', 1],
  [{ type: 'DECIMAL' }, '1.5e', 0],
  [{ type: 'DECIMAL' }, '12,50', 0],
  [{ type: 'DECIMAL', decimalMark: ',' }, '12,50', 2],
  [{ type: 'DECIMAL', decimalMark: ',' }, '12.50', 0],
  [{ type: 'DECIMAL', decimalMark: ',', groupMark: '.' }, '1.234.567,5', 1],
  [{ type: 'DATE' }, '2024-01-31', 0],
  [{ type: 'DATE', dateForm: '%Y-%m-%d' }, '2024-02-29', 2],
  [{ type: 'DATE', dateForm: '%Y-%m-%d' }, '2023-02-29', 0],
  [{ type: 'DATE', dateForm: '%Y-%m-%d' }, '2024-2-9', 1],
  [{ type: 'DATE', dateForm: '%Y-%m-%d' }, '2024-01-31 ', 0],
  [{ type: 'DATE', dateForm: '%d/%m/%Y' }, '31/01/2024', 2],
  [{ type: 'DATE', dateForm: '%d/%m/%Y' }, '01/31/2024', 0],
  [{ type: 'DATE', dateForm: '%Y年%m月%d日' }, '2024年1月5日', 1],
  [{ type: 'DATE', dateForm: '%Y%m%d' }, '20240131', 2],
  [{ type: 'DATE', dateForm: '%Y-%m-%dT%H:%M:%S.%f%z' }, '2024-01-31T23:59:59.123456+08:00', 2],
  [{ type: 'DATE', dateForm: '%Y-%m-%d %H:%M' }, '2024-01-31 24:00', 0],
  [{ type: 'TIME' }, '07:05', 2],
  [{ type: 'TIME' }, '7:05:30', 1],
  [{ type: 'TIME' }, '07:05:30.125', 2],
  [{ type: 'TIME' }, '07:05.5', 0],
  [{ type: 'TIME' }, '07:05:30.', 0],
  [{ type: 'TIME' }, '24:00', 0],
  [{ type: 'TIME' }, '12', 0],
  [{ type: 'TIME' }, '12:60', 0],
  [{ type: 'BOOLEAN' }, 'true', 2],
  [{ type: 'BOOLEAN' }, 'TRUE', 1],
  [{ type: 'BOOLEAN' }, 'maybe', 0],
  [{ type: 'BOOLEAN', words: { yes: ['si'], no: ['no'] } }, 'true', 0],
  [{ type: 'TEXT' }, 'two  spaces', 1],
  [{ type: 'TEXT' }, ' a', 1],
  [{ type: 'TEXT' }, 'a ', 1],
  [{ type: 'TEXT' }, 'a\tb', 1],
  [{ type: 'TEXT' }, 'a b', 2],
];

describe('forms of cells, by their bytes', () => {
  for (const [changes, text, expected] of rows) {
    it(`${JSON.stringify(changes)}: ${JSON.stringify(text)} is ${['other', 'readable', 'canonical'][expected]}`, () => {
      // Among other bytes, which a cell never reads.
      const bytes = new TextEncoder().encode(`9${text}9-`);
      const form = columnForm({ ...plainColumn('x'), ...changes });
      const end = bytes.length - 2;
      expect(form?.(bytes, 1, end) ?? 0).to.equal(expected);
    });
  }

  it('give days that order as days do', () => {
    const read = dayReader('%d.%m.%Y');
    const bytes = new TextEncoder().encode('31.01.2024');
    expect(read(bytes, 0, bytes.length)).to.equal(dayNumber('2024-01-31'));
  });
});
