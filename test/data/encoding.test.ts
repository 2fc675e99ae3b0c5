import { expect } from 'chai';
import fc from 'fast-check';
import { usualDialect } from '../../src/data/csv/dialect.ts';
import { encodingNamed, type Encoding } from '../../src/data/text/encoding.ts';
import { caseFile, faultOf, readTable } from './support/read-table.ts';

const bytesOf = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)],
    ),
  );

describe('encodings', () => {
  const refused: [string, Uint8Array, Encoding | null, number, number, RegExp][] = [
    ['a lone byte in UTF-8', bytesOf('a,b\n1,中\n2,x', 0xff, '\n'), 'utf-8', 3, 4, /0xFF/],
    ['a cut character in UTF-8', bytesOf('a,b\n1,x', 0xe4, 0xb8, ',3\n'), 'utf-8', 2, 4, /0x2C/],
    ['an end within a character', bytesOf('a,b\n1,x', 0xe4, 0xb8), 'utf-8', 2, 4, /ends within/],
    [
      'a byte that GB18030 lacks',
      bytesOf('a,b\n1,', 0xb1, 0xb1, 0xff, '\n'),
      'gb18030',
      2,
      4,
      /0xFF/,
    ],
    [
      'a lone surrogate',
      bytesOf('a', 0, '\n', 0, 0x00, 0xd8, '1', 0),
      'utf-16le',
      2,
      1,
      /utf-16le/,
    ],
    ['Latin letters with accents', bytesOf('a,b\n1,Z', 0xfc, 'rich\n'), null, 2, 4, /State it/],
    [
      'a damaged byte in much UTF-8',
      bytesOf('a,b\n', '中文'.repeat(40), 0xff, ',1\n'),
      null,
      2,
      81,
      /0xFF/,
    ],
  ];
  for (const [what, file, encoding, line, column, message] of refused) {
    for (const chunk of [1, 5, 2 ** 20]) {
      it(`refuses ${what}, with line and column, ${chunk} bytes at a time`, () => {
        const fault = faultOf(() => readTable(file, { encoding, dialect: usualDialect }, chunk));
        expect(fault.kind).to.equal('ENCODING');
        expect(fault.place).to.deep.equal({ line, column });
        expect(fault.message).to.match(message);
        expect(fault.message).to.include(`line ${line}, column ${column}`);
      });
    }
  }

  it('tells GB18030 by the first character, however late it comes', () => {
    const file = bytesOf(
      'name,city\n',
      `x,${'y'.repeat(60)}\n`.repeat(10_000),
      'x,',
      0xb1,
      0xb1,
      0xbe,
      0xa9,
      '\n',
    );
    const { rows, facts } = readTable(file);
    expect([rows.length, rows.at(-1), facts.encoding]).to.deep.equal([
      10_001,
      ['x', '北京'],
      'gb18030',
    ]);
  });

  it('reads 0x80 of GB18030 as the euro sign, as Chinese spreadsheets write it', () => {
    const file = bytesOf('价格\n', 0x80, '5\n');
    const gb = Uint8Array.from([0xbc, 0xdb, 0xb8, 0xf1, 0x0a, ...file.subarray(7)]);
    expect(readTable(gb, { encoding: 'gb18030' }).rows).to.deep.equal([['€5']]);
  });

  it('keeps U+FFFD that stands in the file, and makes none', () => {
    expect(readTable('a\nx\ufffd\n').rows).to.deep.equal([['x\ufffd']]);
  });

  it('refuses a byte-order mark that contradicts the statement', () => {
    const fault = faultOf(() => readTable('\ufeffa\n1\n', { encoding: 'gb18030' }));
    expect(fault.message).to.include('state utf-8');
  });

  it('reads one table in two encodings alike', () => {
    const [one, other] = ['shops.gbk.csv', 'shops.utf8.csv'].map((name) =>
      readTable(caseFile(name)),
    );
    expect(one?.rows).to.deep.equal(other?.rows);
    expect(one?.columns).to.deep.equal(other?.columns);
  });

  it('gives every text back that was written in UTF-8, cut anywhere', () => {
    const character = fc
      .oneof(fc.integer({ min: 0x20, max: 0x2fff }), fc.integer({ min: 0x20, max: 0x10ffff }))
      .filter((point) => point < 0xd800 || point > 0xdfff);
    const text = fc
      .array(character, { minLength: 1, maxLength: 30 })
      .map((points) => String.fromCodePoint(...points));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (cell, chunk) => {
        const file = `a,b\n"${cell.replaceAll('"', '""')}",1`;
        const options = { encoding: 'utf-8', dialect: usualDialect } as const;
        expect(readTable(file, options, chunk).rows).to.deep.equal([[cell, '1']]);
      }),
    );
  });

  for (const [name, encoding] of [
    ['GBK', 'gb18030'],
    ['utf8', 'utf-8'],
    ['UTF_16LE', 'utf-16le'],
    ['latin1', null],
  ] as const) {
    it(`knows ${name} as ${encoding ?? 'none that is read'}`, () => {
      expect(encodingNamed(name)).to.equal(encoding);
    });
  }
});
