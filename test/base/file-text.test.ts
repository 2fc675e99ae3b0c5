import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { readFileJson, readFileText } from '../../src/base/file-text.ts';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const bigEndian = (text: string): Buffer => utf16(text).swap16();
const utf32 = (text: string): Buffer =>
  Buffer.concat(
    Array.from(text, (character) => {
      const four = Buffer.alloc(4);
      four.writeUInt32LE(character.codePointAt(0) ?? 0);
      return four;
    }),
  );
const problemOf = (bytes: Uint8Array, secret = false): string => {
  const read = readFileJson(bytes, { secret });
  return read.ok ? 'read' : read.problem;
};

describe('what people save as files', () => {
  const command = '{"tradeId": "t-1"}';

  it('is read with a byte-order mark and without', () => {
    const bytes = readFileSync(new URL('../vectors/cases/request-bom.json', import.meta.url));
    expect(bytes.subarray(0, 3).toString('hex')).to.equal('efbbbf');
    const read = readFileJson(bytes);
    if (!read.ok) throw new Error(read.problem);
    expect(read.value).to.include({ tradeId: 't-bom', priceFen: '9000' });
    expect(readFileText(Buffer.from('\ufeffsecret\n'))).to.deep.equal({
      ok: true,
      value: 'secret\n',
    });
    // Only one mark is one: a second is text.
    expect(readFileText(Buffer.from('\ufeff\ufeffa'))).to.deep.equal({
      ok: true,
      value: '\ufeffa',
    });
  });

  const encodings: readonly [name: string, bytes: Buffer, problem: RegExp][] = [
    [
      'UTF-16 with its mark',
      Buffer.concat([Buffer.of(255, 254), utf16(command)]),
      /^is in UTF-16: save it as UTF-8/,
    ],
    [
      'big-endian UTF-16 with its mark',
      Buffer.concat([Buffer.of(254, 255), bigEndian(command)]),
      /^is in UTF-16: /,
    ],
    ['UTF-16 without', utf16(command), /^is in UTF-16: /],
    ['big-endian UTF-16 without', bigEndian(command), /^is in UTF-16: /],
    ['UTF-32 with its mark', utf32(`\ufeff${command}`), /^is in UTF-32: /],
    ['UTF-32 without', utf32(command), /^is in UTF-32: /],
    [
      'GB18030',
      Buffer.from([...Buffer.from('{"a": 1,\n"b": "'), 0xc4, 0xf1, 0xbb, 0xf7, 0x22, 0x7d]),
      /^is not in UTF-8, most likely in GB18030 \(GBK\), from line 2 on: save it as UTF-8/,
    ],
    [
      'Latin 1',
      Buffer.from('{"a": "caf\u00e9"}', 'latin1'),
      /^is not in UTF-8, from line 1 on: save it as UTF-8/,
    ],
    ['nothing', Buffer.alloc(0), /^is empty$/],
    ['a byte-order mark alone', Buffer.from('\ufeff'), /^is empty$/],
    ['white space', Buffer.from(' \n'), /^is empty$/],
  ];
  for (const [name, bytes, problem] of encodings) {
    it(`${name}: is refused by name`, () => {
      expect(problemOf(bytes)).to.match(problem);
    });
  }

  it('shows the line and column of what is no JSON, with a mark below it', () => {
    expect(problemOf(Buffer.from('{\n  "tradeId": "t-1"\n  "bank": "bank"\n}'))).to.equal(
      'is no JSON: line 3, column 3: a comma or } is missing here\n3 |   "bank": "bank"\n      ^',
    );
    expect(problemOf(Buffer.from('{\r\n"鸟": 01\r\n}'))).to.equal(
      'is no JSON: line 2, column 6: a number is written 12, -12 or 1.2: no 0 before it, no + and ' +
        'no other signs\n2 | "鸟": 01\n         ^',
    );
  });

  it('shows of a long line what is around the place', () => {
    const [, line = '', mark = ''] = problemOf(Buffer.from(`[${'1,'.repeat(5000)}x]`)).split('\n');
    expect(line).to.have.length.below(80);
    expect(line[mark.indexOf('^')]).to.equal('x');
  });

  it('shows nothing of a secret but the place', () => {
    const text = '{"seed": "5eed5eed", "seed": 1}';
    expect(problemOf(Buffer.from(text), true)).to.equal('is no JSON: line 1, column 22');
    fc.assert(
      fc.property(fc.string(), (secret) => {
        const shown = problemOf(Buffer.from(`{"seed": '${secret}zq7'}`), true);
        expect(shown).to.not.include('zq7');
      }),
    );
  });

  it('reads whatever bytes come, or says why not, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const read = readFileJson(bytes);
        if (!read.ok) expect(read.problem).to.match(/^is /);
      }),
      { numRuns: 2000 },
    );
  });
});
