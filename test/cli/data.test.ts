import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encodeTyped } from '../../src/base/codec.ts';
import { stateProfileCommand, type WholeFile } from '../../src/listing/schema.ts';
import { dxl, startDxl } from './run-dxl.ts';

const caseOf = (name: string): string => resolve(import.meta.dirname, '../data/cases', name);

interface Inspected {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly encoding: string;
  readonly fingerprint: { readonly version: number; readonly root: string };
  readonly quality: Readonly<Record<string, number | null>>;
  readonly anonymity: Readonly<Record<string, unknown>>;
  readonly problems: readonly { readonly kind: string }[];
  readonly profile: WholeFile;
}

describe('dxl data', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'dxl-data-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  const inspect = async (...args: string[]): Promise<Inspected> => {
    const { code, output, errors } = await dxl(['data', 'inspect', ...args, '--json']);
    expect(code, errors).to.equal(0);
    return JSON.parse(output) as Inspected;
  };

  it('inspects for programs: rows, columns, fingerprint, quality, anonymity, problems', async () => {
    const found = await inspect(
      caseOf('clinic.csv'),
      ...['--quasi-identifier', 'Age', 'Sex', 'Postcode'],
      ...['--coverage', '2024-01-01/2024-12-31'],
    );
    expect([found.rows, found.columns[0]?.type, found.encoding]).to.deep.equal([
      800,
      'INTEGER',
      'utf-8',
    ]);
    expect(found.fingerprint.version).to.equal(2);
    expect(found.fingerprint.root).to.match(/^[0-9a-f]{64}$/);
    expect(found.quality).to.include({ completeness: 10_000, timeliness: null });
    expect(found.anonymity).to.include({ k: 1, uniqueRows: 788 });
    expect(found.problems).to.deep.equal([]);
    // As `listing.state-profile` takes it.
    const { rows, quality, anonymity } = found.profile;
    expect(() =>
      encodeTyped(stateProfileCommand, { listingId: 'clinic', rows, quality, anonymity }),
    ).not.to.throw();
    expect([rows, quality.timeliness, anonymity.k, anonymity.uniqueRows]).to.deep.equal([
      ...[800, null, 1, 788],
    ]);
  });

  it('writes what was found, reads it as stated, and never overwrites', async () => {
    const written = join(folder, 'regions.json');
    const first = await inspect(caseOf('regions.gbk.csv'), '--write-description', written);
    const stated = await inspect(caseOf('regions.gbk.csv'), '--description', written);
    expect(stated.fingerprint).to.deep.equal(first.fingerprint);
    const again = await dxl([
      'data',
      'inspect',
      caseOf('costs.csv'),
      '--write-description',
      written,
    ]);
    expect([again.code, again.errors]).to.deep.equal([
      2,
      again.errors.match(/^FILE_EXISTS[^]*$/)?.[0],
    ]);
  });

  it('checks against what was kept, and against a registration with its opening', async () => {
    const [kept, opening] = [join(folder, 'kept.json'), join(folder, 'opening.json')];
    const made = await dxl([
      'data',
      'inspect',
      caseOf('shops.gbk.csv'),
      '--write-opening',
      opening,
      '--json',
    ]);
    writeFileSync(kept, made.output);
    expect(statSync(opening).mode & 0o777).to.equal(0o600);
    const registration = join(folder, 'registration.json');
    const { registered } = JSON.parse(made.output) as { registered: object };
    writeFileSync(registration, JSON.stringify({ data: { fingerprint: registered } }));
    const rows: [string[], number, RegExp][] = [
      [['shops.utf8.csv', '--against', kept], 0, /"agrees":true.*OTHER_BYTES_SAME_TABLE/],
      [['shops-other.gbk.csv', '--against', kept], 1, /"agrees":false.*"columns":\["地区"\]/],
      [['shops.utf8.csv', '--against', registration, '--opening', opening], 0, /"agrees":true/],
      [['shops-other.gbk.csv', '--against', registration, '--opening', opening], 1, /OTHER_ROWS/],
    ];
    for (const [[name = '', ...args], code, expected] of rows) {
      const checked = await dxl(['data', 'check', caseOf(name), ...args, '--json']);
      expect(checked.code, checked.errors).to.equal(code);
      expect(checked.output).to.match(expected);
    }
    const without = await dxl([
      'data',
      'check',
      caseOf('shops.gbk.csv'),
      '--against',
      registration,
    ]);
    expect(without.code).to.equal(2);
    expect(without.errors).to.match(/OPENING_ABSENT[^]*--opening FILE/);
  });

  const refused: [string, string[], number, RegExp][] = [
    [
      'bytes of another encoding',
      ['inspect', caseOf('shops.gbk.csv'), '--encoding', 'utf-8'],
      2,
      /TABLE_ENCODING[^]*line 1, column 1/,
    ],
    [
      'an encoding that is not read',
      ['inspect', caseOf('costs.csv'), '--encoding', 'gb18031'],
      2,
      /Perhaps gbk|gb18030/,
    ],
    [
      'a coverage backwards',
      ['inspect', caseOf('costs.csv'), '--coverage', '2024-12-31/2024-01-01'],
      2,
      /the earlier first/,
    ],
    [
      'a day that is none',
      ['inspect', caseOf('costs.csv'), '--coverage', '2024-02-30/2024-03-01'],
      2,
      /two days/,
    ],
    ['no file', ['inspect', 'nowhere.csv'], 3, /INPUT_FILE/],
    [
      'a description of other columns',
      ['inspect', caseOf('costs.csv'), '--description', caseOf('clinic.columns.json')],
      2,
      /TABLE_COLUMNS[^]*"Plant"[^]*"Age"/,
    ],
    [
      'a table for a description',
      ['inspect', caseOf('costs.csv'), '--description', caseOf('costs.csv')],
      2,
      /TABLE_DESCRIPTION[^]*no JSON/,
    ],
    [
      'something else to check against',
      ['check', caseOf('costs.csv'), '--against', caseOf('clinic.columns.json')],
      2,
      /neither what/,
    ],
  ];
  for (const [what, args, code, message] of refused) {
    it(`refuses ${what}`, async () => {
      const ended = await dxl(['data', ...args]);
      expect(ended.code, ended.errors).to.equal(code);
      expect(ended.errors).to.match(message);
    });
  }

  it('ends in good order when Ctrl-C is pressed', async function () {
    const pipe = join(folder, 'pipe.csv');
    if (spawnSync('mkfifo', [pipe]).status !== 0) this.skip();
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    const { child, ended } = startDxl(['data', 'inspect', pipe], { TMPDIR: temporary });
    // Opens when the program has opened it to read: from then on it listens for the signal.
    const writer = await open(pipe, 'w');
    await writer.write('a,b\n1,2\n');
    child.kill('SIGINT');
    // Whoever is stopped closes the pipe: writing to it then fails, which is what is waited for.
    for (;;) {
      const isClosed = await writer.write('3,4\n'.repeat(5_000)).then(
        () => false,
        () => true,
      );
      if (isClosed) break;
    }
    await writer.close();
    expect((await ended).code).to.equal(130);
    expect(readdirSync(temporary)).to.deep.equal([]);
  });
});
