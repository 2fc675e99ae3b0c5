import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '../../src/base/bytes.ts';
import { readDescription } from '../../src/data/description/data-package.ts';
import type { Difference, Verdict } from '../../src/data/difference.ts';
import {
  checkAgainstInspection,
  checkAgainstRegistration,
  checkAgainstVersion1,
  readInspection,
} from '../../src/data/shell/check.ts';
import { inspectFile } from '../../src/data/shell/inspect.ts';
import { inspectionJson } from '../../src/data/shell/inspection-json.ts';
import {
  newSecrets,
  openingJson,
  readOpening,
  registeredOf,
} from '../../src/data/shell/opening.ts';
import { readRegistration } from '../../src/data/shell/read-registration.ts';
import type { TableFault } from '../../src/data/table-fault.ts';
import { fingerprintRows } from '../support/fingerprint-1.ts';

const casePath = (name: string): string =>
  fileURLToPath(new URL(`./cases/${name}`, import.meta.url));

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function checkCase(kept: string, received: string): Promise<Verdict> {
  const inspection = readInspection(throughJson(inspectionJson(await inspectFile(casePath(kept)))));
  if (inspection === null) throw new Error('an inspection reads itself');
  return checkAgainstInspection(casePath(received), inspection, {});
}

describe('the check of a received file', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'check-'))));
  after(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  const cases: [string, string, boolean, object | null][] = [
    ['shops.gbk.csv', 'shops.gbk.csv', true, null],
    ['shops.gbk.csv', 'shops.utf8.csv', true, { kind: 'OTHER_BYTES_SAME_TABLE' }],
    [
      'shops.gbk.csv',
      'shops-other.gbk.csv',
      false,
      { kind: 'OTHER_ROWS', columns: ['地区'], rows: [1, 2, 3] },
    ],
    [
      'regions.gbk.csv',
      'regions-rotated.gbk.csv',
      false,
      { kind: 'OTHER_ROWS', columns: ['Region'], ranges: [{ from: 1, to: 900 }] },
    ],
    [
      'costs.csv',
      'costs-swapped-header.csv',
      false,
      { kind: 'OTHER_COLUMNS', columns: ['Cost Repair', 'Cost Other'] },
    ],
    ['costs.csv', 'shops.utf8.csv', false, { kind: 'OTHER_COLUMNS' }],
  ];
  for (const [kept, received, agrees, difference] of cases) {
    it(`${received} against ${kept}: ${agrees ? 'agrees' : 'does not agree'}`, async () => {
      const verdict = await checkCase(kept, received);
      expect(verdict.agrees).to.equal(agrees);
      if (difference === null) expect(verdict.difference).to.equal(null);
      else expect(verdict.difference).to.deep.include(difference);
    });
  }

  /** 5,000 rows: too few for a name of each row in a JSON that is read by eye, enough for blocks. */
  const rows = Array.from({ length: 5_000 }, (_, at) => [
    `${at + 1}`,
    `city ${at % 40}`,
    `${at * 7}`,
  ]);
  const textOf = (table: readonly (readonly string[])[], header = 'id,city,cost'): string =>
    [header, ...table.map((row) => row.join(','))].join('\n');
  const changed = (row: number, column: number, text: string): string[][] =>
    rows.map((cells, at) =>
      cells.map((cell, place) => (at === row && place === column ? text : cell)),
    );

  const differences: [string, string, Partial<Difference>][] = [
    [
      'a changed cell',
      textOf(changed(2_999, 2, '1')),
      {
        kind: 'OTHER_ROWS',
        columns: ['cost'],
        ranges: [{ from: 2_049, to: 3_072 }],
        rows: [3_000],
      },
    ],
    [
      'two rows exchanged',
      textOf([rows[1] ?? [], rows[0] ?? [], ...rows.slice(2)]),
      { kind: 'OTHER_ROWS', ranges: [{ from: 1, to: 1_024 }], rows: [1, 2] },
    ],
    [
      'a row less at the end',
      textOf(rows.slice(0, -1)),
      { kind: 'OTHER_ROWS', expected: 5_000, found: 4_999, rows: [5_000] },
    ],
    [
      'a row more',
      textOf([...rows, ['5001', 'city 1', '0']]),
      { kind: 'OTHER_ROWS', found: 5_001, rows: [5_001] },
    ],
    ['a row of another width', `${textOf(rows)}\n1,2`, { kind: 'UNREADABLE', line: 5_002 }],
    ['an open quote', textOf(changed(10, 1, '"x')), { kind: 'UNREADABLE', line: 12 }],
    [
      'another header',
      textOf(rows, 'id,town,cost'),
      { kind: 'OTHER_COLUMNS', columns: ['city', 'town'] },
    ],
    ['semicolons', textOf(rows).replaceAll(',', ';'), { kind: 'OTHER_BYTES_SAME_TABLE' }],
    [
      'CR LF and a blank line',
      `${textOf(rows).replaceAll('\n', '\r\n')}\r\n\r\n`,
      { kind: 'OTHER_BYTES_SAME_TABLE' },
    ],
  ];

  describe('against an inspection and against a registration of version 2', () => {
    const secrets = newSecrets();
    let kept: unknown;
    let registered: unknown;
    let opening: unknown;
    before(async () => {
      const inspection = await inspectFile(file('sold.csv', textOf(rows)), { seed: secrets.seed });
      kept = throughJson(inspectionJson(inspection));
      registered = throughJson({
        data: { fingerprint: registeredOf(inspection, secrets.bareSalt) },
      });
      opening = throughJson(openingJson(inspection, secrets));
    });

    const againstRegistration = async (
      path: string,
      opens: unknown = opening,
    ): Promise<Verdict> => {
      const [read, opener] = [readRegistration(registered), readOpening(opens)];
      if (read?.version !== 2 || opener === null) throw new Error('neither reads');
      return checkAgainstRegistration(path, read.fingerprint, opener, {});
    };

    for (const [at, [what, text, expected]] of differences.entries()) {
      it(`names ${what}`, async () => {
        const path = file(`received-${at}.csv`, text);
        const inspection = readInspection(kept);
        if (inspection === null) throw new Error('an inspection reads itself');
        const verdict = await checkAgainstInspection(path, inspection, {});
        expect(verdict.difference).to.deep.include(expected);
        const isSame = expected.kind === 'OTHER_BYTES_SAME_TABLE';
        expect(verdict.agrees).to.equal(isSame);
        const second = await againstRegistration(path);
        expect(second.agrees).to.equal(isSame);
        expect(second.difference).to.deep.include(expected);
      });
    }

    it('agrees with the registered file, and not with another seed or salt', async () => {
      const path = join(folder, 'sold.csv');
      expect((await againstRegistration(path)).agrees).to.equal(true);
      for (const name of ['seed', 'bareSalt']) {
        const other = { ...(opening as object), [name]: toHex(randomBytes(32)) };
        expect((await againstRegistration(path, other)).agrees).to.equal(false);
      }
    });

    it('refuses what opens another registration', async () => {
      const other = {
        ...(opening as object),
        columns: readDescription([{ name: 'x' }]).table.columns,
        index: null,
      };
      const refused = await againstRegistration(join(folder, 'sold.csv'), other).catch(
        (error: unknown) => error,
      );
      expect((refused as TableFault).message).to.include('another registration');
    });

    it('says that rows differ, and not where, without an index', async () => {
      const path = file('without.csv', textOf(changed(5, 1, 'elsewhere')));
      const { difference } = await againstRegistration(path, {
        ...(opening as object),
        index: null,
      });
      expect(difference).to.deep.include({ kind: 'OTHER_ROWS', columns: null, ranges: null });
    });

    it('finds nothing in what is no inspection, registration or opening', () => {
      for (const value of [
        null,
        3,
        [],
        {},
        { fingerprint: { version: 2 } },
        { columns: [], rows: 1 },
      ]) {
        expect(readInspection(value)).to.equal(null);
        expect(readRegistration(value)).to.equal(null);
        expect(readOpening(value)).to.equal(null);
      }
    });
  });

  describe('against a registration of version 1', () => {
    const salt = new Uint8Array(32).fill(3);
    const old = fingerprintRows(rows, salt);
    const check = (text: string, name: string): Promise<Verdict> =>
      checkAgainstVersion1(file(name, text), old, salt, {});

    it('agrees with the registered table, and says what it does not cover', async () => {
      const verdict = await check(textOf(rows), 'old.csv');
      expect([verdict.agrees, verdict.version, verdict.notCovered.length]).to.deep.equal([
        true,
        1,
        3,
      ]);
      expect((await check(textOf(rows, 'a,b,c'), 'old-names.csv')).agrees).to.equal(true);
    });

    it('does not agree with a changed cell, another number of columns, or another salt', async () => {
      expect((await check(textOf(changed(4, 1, 'x')), 'old-other.csv')).difference?.kind).to.equal(
        'OTHER_ROWS',
      );
      const narrow = textOf(
        rows.map((row) => row.slice(0, 2)),
        'id,city',
      );
      expect((await check(narrow, 'old-narrow.csv')).difference?.kind).to.equal('OTHER_COLUMNS');
      const other = await checkAgainstVersion1(
        join(folder, 'old.csv'),
        old,
        salt.map(() => 4),
        {},
      );
      expect(other.agrees).to.equal(false);
    });

    it('is told from version 2 by what the record holds', () => {
      expect(readRegistration({ data: { fingerprint: old } })?.version).to.equal(1);
    });
  });
});
