import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { usualDialect, type Dialect } from '../../src/data/csv/dialect.ts';
import { caseFile, faultOf, readTable } from './support/read-table.ts';

const dialect = (changes: Partial<Dialect>): Dialect => ({ ...usualDialect, ...changes });

describe('the one reader of CSV', () => {
  const cases: [string, string, { encoding?: string; delimiter?: string }, string[], unknown[]][] =
    [
      ['clinic.csv', 'plain', {}, ['Age', 'Sex', 'Postcode', 'Diagnosis', 'Fee'], [800, '59']],
      [
        'missing.csv',
        'with blank cells',
        {},
        ['State', 'Phase', 'DayPart', 'Operator', 'Kind', 'Cost', 'Date'],
        [800, ''],
      ],
      ['costs.csv', 'plain', {}, ['Plant', 'Cost Repair', 'Cost Other'], [3, 'A']],
      ['costs-swapped-header.csv', 'plain', {}, ['Plant', 'Cost Other', 'Cost Repair'], [3, 'A']],
      ['semicolon.csv', 'with ;', { delimiter: ';' }, ['region', 'price', 'qty'], [2, 'Nord']],
      ['trailing-blank.csv', 'with a blank last line', {}, ['id', 'city', 'amount'], [2, '1']],
      ['shops.utf8.csv', 'UTF-8', {}, ['地区', '季度', '销售额'], [3, '北京']],
      [
        'shops.gbk.csv',
        'GB18030',
        { encoding: 'gb18030' },
        ['地区', '季度', '销售额'],
        [3, '北京'],
      ],
      [
        'shops-other.gbk.csv',
        'GB18030',
        { encoding: 'gb18030' },
        ['地区', '季度', '销售额'],
        [3, '广州'],
      ],
      [
        'regions.gbk.csv',
        'GB18030',
        { encoding: 'gb18030' },
        ['Region', 'Quarter', 'Kind', 'Cost'],
        [900, '杭州'],
      ],
      [
        'regions-rotated.gbk.csv',
        'GB18030',
        { encoding: 'gb18030' },
        ['Region', 'Quarter', 'Kind', 'Cost'],
        [900, '北京'],
      ],
    ];
  for (const [
    name,
    what,
    { encoding = 'utf-8', delimiter = ',' },
    columns,
    [rows, first],
  ] of cases) {
    it(`reads ${name}, ${what}, without being told anything`, () => {
      const read = readTable(caseFile(name));
      expect(read.columns).to.deep.equal(columns);
      expect([read.rows.length, read.rows[0]?.[0]]).to.deep.equal([rows, first]);
      expect(read.facts.encoding).to.equal(encoding);
      expect(read.facts.dialect).to.deep.equal(dialect({ delimiter }));
    });
  }

  it('keeps decimals as they are written', () => {
    expect(readTable(caseFile('semicolon.csv')).rows).to.deep.equal([
      ['Nord', '12,50', '3'],
      ['Sud', '7,25', '11'],
    ]);
  });

  const same = [
    ['1', 'x y', '2024-01-01'],
    ['2', '', '2024-01-02'],
  ];
  const written: [string, string | Uint8Array][] = [
    ['line feeds', 'id,name,day\n1,x y,2024-01-01\n2,,2024-01-02\n'],
    ['no last line end', 'id,name,day\n1,x y,2024-01-01\n2,,2024-01-02'],
    ['CR LF', 'id,name,day\r\n1,x y,2024-01-01\r\n2,,2024-01-02\r\n'],
    ['CR', 'id,name,day\r1,x y,2024-01-01\r2,,2024-01-02\r'],
    ['blank last lines', 'id,name,day\n1,x y,2024-01-01\n2,,2024-01-02\n\n\r\n\n'],
    ['a byte-order mark', '\ufeffid,name,day\n1,x y,2024-01-01\n2,,2024-01-02\n'],
    ['sep=', 'sep=,\r\nid,name,day\r\n1,x y,2024-01-01\r\n2,,2024-01-02\r\n'],
    ['sep=;', 'sep=;\nid;name;day\n1;x y;2024-01-01\n2;;2024-01-02\n'],
    ['tabs', 'id\tname\tday\n1\tx y\t2024-01-01\n2\t\t2024-01-02\n'],
    ['bars', 'id|name|day\n1|x y|2024-01-01\n2||2024-01-02\n'],
    ['quotes', '"id","name","day"\n"1","x y","2024-01-01"\n"2","","2024-01-02"\n'],
    ['single quotes', "'id','name','day'\n'1','x y','2024-01-01'\n'2','','2024-01-02'\n"],
    ['carets', 'id^name^day\n1^x y^2024-01-01\n2^^2024-01-02\n'],
    ['UTF-16 LE', utf16('\ufeffid,name,day\n1,x y,2024-01-01\n2,,2024-01-02\n', true)],
    ['UTF-16 BE', utf16('\ufeffid,name,day\n1,x y,2024-01-01\n2,,2024-01-02\n', false)],
    ['UTF-16 LE unmarked', utf16('id,name,day\n1,x y,2024-01-01\n2,,2024-01-02\n', true)],
    ['UTF-16 BE unmarked', utf16('id,name,day\n1,x y,2024-01-01\n2,,2024-01-02\n', false)],
  ];
  for (const [how, file] of written) {
    for (const chunk of [1, 2, 7, 2 ** 20]) {
      it(`reads the same table with ${how}, ${chunk} bytes at a time`, () => {
        const { columns, rows } = readTable(file, {}, chunk);
        expect(columns).to.deep.equal(['id', 'name', 'day']);
        expect(rows).to.deep.equal(same);
      });
    }
  }

  const refused: [string, string | Uint8Array, string, RegExp, number | null][] = [
    ['nothing', '', 'EMPTY', /holds no row/, null],
    ['a header alone', 'a,b\n', 'EMPTY', /no row below/, null],
    ['an open quote', 'a,b\n1,"x\n2,y\n', 'QUOTES', /never closed/, 2],
    ['text behind a quote', 'a,b\n1,2\n3,"x"y\n', 'QUOTES', /behind a closing quote/, 3],
    ['UTF-32', Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), 'ENCODING', /UTF-32/, null],
  ];
  for (const [what, file, kind, message, line] of refused) {
    it(`refuses ${what}`, () => {
      const fault = faultOf(() => readTable(file));
      expect([fault.kind, fault.place.line]).to.deep.equal([kind, line]);
      expect(fault.message).to.match(message);
    });
  }

  it('sets rows of another width apart, and says where the first is', () => {
    const { rows, facts } = readTable('a,b\n1,2\n3\n4,5,6\n7,8\n');
    expect(rows).to.deep.equal([
      ['1', '2'],
      ['7', '8'],
    ]);
    expect(facts.ragged).to.deep.equal({ count: 2, first: { row: 2, line: 3, cells: 1 } });
  });

  it('counts blank lines between rows of several columns', () => {
    const { rows, facts } = readTable('a,b\n1,2\n\n\n3,4\n\n');
    expect([rows.length, facts.blankLines]).to.deep.equal([2, 2]);
  });

  it('takes blank lines of one column for rows, but for the last', () => {
    expect(readTable('a\n1\n\n3\n\n\n').rows).to.deep.equal([['1'], [''], ['3']]);
    expect(readTable('a\n1\n""\n').rows).to.deep.equal([['1'], ['']]);
  });

  it('keeps line ends, delimiters and quotes of quoted cells', () => {
    const { rows } = readTable('a,b\n"x,""y""\r\nz",5" pipe\n');
    expect(rows).to.deep.equal([['x,"y"\r\nz', '5" pipe']]);
  });

  it('names columns that have no header, and takes years in a row for one', () => {
    expect(readTable('1,2\n3,4\n').columns).to.deep.equal(['column1', 'column2']);
    expect(readTable('省份,2022,2023\n湖北,4,5\n').columns).to.deep.equal(['省份', '2022', '2023']);
    expect(readTable('Nord,4,5\nSud,6,7\n').rows).to.have.length(2);
  });

  it('agrees with csv-parse on whatever csv-parse reads', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', ' ', '中', '1'),
      maxLength: 5,
    });
    const table = fc.integer({ min: 2, max: 4 }).chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
        minLength: 2,
        maxLength: 6,
      }),
    );
    const quoted = (text: string): string =>
      /[",\n]/.test(text) || text === 'a' ? `"${text.replaceAll('"', '""')}"` : text;
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 40 }), (rows, chunk) => {
        const text = rows.map((row) => row.map(quoted).join(',')).join('\n');
        const [header, ...below] = parse(text);
        const read = readTable(text, { dialect: usualDialect }, chunk);
        expect(read.columns).to.deep.equal(header);
        expect(read.rows).to.deep.equal(below);
      }),
    );
  });
});

/** As a spreadsheet saves it. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at += 1)
    view.setUint16(2 * at, text.charCodeAt(at), littleEndian);
  return bytes;
}
