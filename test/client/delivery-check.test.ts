import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { concat } from '../../src/base/bytes.ts';
import type { SampleSize } from '../../src/base/rules.ts';
import { encodeCbor } from '../../src/base/cbor.ts';
import { checkDelivery, type DeliveryCheck } from '../../src/client/check-delivery.ts';
import {
  packDelivery,
  unpackDelivery,
  type DeliveryOpening,
  type DeliveryPackage,
  type SampleOpening,
} from '../../src/client/delivery-package.ts';
import { chooseSample } from '../../src/client/sample-rows.ts';
import { readPlainColumns } from '../../src/data/description/plain-columns.ts';
import type { TableDescription } from '../../src/data/description/table.ts';
import { inspectFile } from '../../src/data/shell/inspect.ts';
import { newSecrets, openingJson, registeredOf } from '../../src/data/shell/opening.ts';
import { readRegistration } from '../../src/data/shell/read-registration.ts';
import type { Listing, ListingProfile } from '../../src/listing/schema.ts';
import { kAnonymityCommitment } from '../../src/privacy/zk/prover/poseidon.ts';
import { fingerprintRows } from '../support/fingerprint-1.ts';

const casePath = (name: string): string =>
  fileURLToPath(new URL(`../data/cases/${name}`, import.meta.url));
const caseColumns = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(casePath(`${name}.columns.json`), 'utf8')) as unknown;

/** Of a listing what the check looks at. */
const listingOf = (
  table: TableDescription,
  quasiIdentifiers: readonly string[],
  commitment: bigint | null,
  { circuitId, rows }: SampleSize = parameters,
): Listing =>
  ({
    columns: table.columns,
    sampleProof: commitment === null ? null : '00'.repeat(256),
    sample: {
      ...{ circuitId, rows, quasiIdentifiers },
      commitment: (commitment ?? 0n).toString(16).padStart(64, '0'),
    },
  }) as unknown as Listing;

const parameters = { circuitId: 'k-anonymity-16-k3', rows: 16, k: 3, fileRowsMin: 16 };

interface Sold {
  readonly opening: DeliveryPackage['opening'];
  /** Of the registration: its record's own four fields. */
  readonly fingerprint: object;
  readonly table: TableDescription;
}

/** Registers a file as its seller does; its columns as they are stated, or proposed. */
async function register(file: string, columns: unknown = null): Promise<Sold> {
  const secrets = newSecrets();
  const description = columns === null ? null : { table: readPlainColumns(columns), file: null };
  const inspection = await inspectFile(file, { description, seed: secrets.seed });
  const registered = registeredOf(inspection, secrets.bareSalt);
  if (registered === null) throw new Error('rows are of one width');
  const { rows, columns: width, bareCommitment, rowsRoot } = registered;
  return {
    opening: openingJson(inspection, secrets),
    fingerprint: { rows, columns: width, contentCommitment: bareCommitment, rowsRoot },
    table: inspection.table,
  };
}

describe('delivery of a table', () => {
  let folder: string;
  let made = 0;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'delivery-check-'))));
  after(() => rm(folder, { recursive: true }));

  const fresh = (name: string): string => path.join(folder, `${(made += 1)}-${name}`);

  async function unpacked(bytes: Uint8Array): Promise<{ file: string; opening: DeliveryOpening }> {
    const [source, file] = [fresh('package'), fresh('table')];
    await writeFile(source, bytes);
    const { opening } = await unpackDelivery(source, file);
    return { file, opening };
  }

  async function packed(package_: DeliveryPackage): Promise<Uint8Array> {
    const { head, file } = packDelivery(package_);
    return concat(head, await readFile(file));
  }

  async function deliver(
    { opening, fingerprint, table }: Sold,
    file: string,
    sample: SampleOpening | null = null,
    listing = listingOf(table, [], null),
    sizes: readonly SampleSize[] = [parameters],
    profile: ListingProfile | null = null,
  ): Promise<DeliveryCheck> {
    const received = await unpacked(await packed({ opening, sample, file }));
    expect(await readFile(received.file)).to.deep.equal(await readFile(file));
    const registered = readRegistration({ data: { fingerprint } });
    if (registered === null) throw new Error('a registration reads');
    return checkDelivery({ ...received, registered, listing, sizes, profile });
  }

  const rows: readonly (readonly [
    sold: string,
    delivered: string,
    fault: DeliveryCheck['fault'],
    kind: string | null,
    says: RegExp,
  ])[] = [
    ['regions.gbk.csv', 'regions.gbk.csv', null, null, /Every row and the proved sample/],
    [
      ...['regions.gbk.csv', 'regions-rotated.gbk.csv', 'FINGERPRINT_MISMATCH', 'OTHER_ROWS'],
      /not the same; columns: Region; where: rows 1 to 900/,
    ] as never,
    [
      ...['shops.gbk.csv', 'shops-other.gbk.csv', 'FINGERPRINT_MISMATCH', 'OTHER_ROWS'],
      /columns: 地区; where: rows 1 to 3\.$/,
    ] as never,
    ['shops.gbk.csv', 'shops.utf8.csv', null, 'OTHER_BYTES_SAME_TABLE', /in order/],
    [
      ...['costs.csv', 'costs-swapped-header.csv', 'FINGERPRINT_MISMATCH', 'OTHER_COLUMNS'],
      /other columns, or in another order/,
    ] as never,
    ['semicolon.csv', 'semicolon.csv', null, null, /in order/],
  ];
  for (const [sold, delivered, fault, kind, says] of rows) {
    it(`${delivered} for ${sold}: ${fault ?? 'in order'}, ${kind ?? 'the same bytes'}`, async () => {
      const check = await deliver(await register(casePath(sold)), casePath(delivered));
      expect([check.fault, check.verdict.difference?.kind ?? null]).to.deep.equal([fault, kind]);
      expect(check.detail).to.match(says);
      expect([check.verdict.version, check.verdict.notCovered]).to.deep.equal([2, []]);
    });
  }

  it('takes a blank last line, a mark and other line ends for the same table', async () => {
    const text = await readFile(casePath('trailing-blank.csv'), 'utf8');
    const other = fresh('other.csv');
    await writeFile(other, `\ufeff${text.trimEnd().replaceAll('\n', '\r\n')}\r\n`);
    const check = await deliver(await register(casePath('trailing-blank.csv')), other);
    expect([check.fault, check.verdict.difference?.kind]).to.deep.equal([
      null,
      'OTHER_BYTES_SAME_TABLE',
    ]);
  });

  it('says where bytes are that the encoding does not hold', async () => {
    const bytes = new Uint8Array(await readFile(casePath('regions.gbk.csv')));
    const at = bytes.indexOf(0x0a) + 1;
    bytes[at] = 0xff;
    const broken = fresh('broken.csv');
    await writeFile(broken, bytes);
    const check = await deliver(await register(casePath('regions.gbk.csv')), broken);
    expect(check.fault).to.equal('FINGERPRINT_MISMATCH');
    expect(check.verdict.difference).to.include({ kind: 'UNREADABLE', line: 2 });
    expect(check.detail).to.match(/cannot be read; where: line 2/);
  });

  describe('with a sample that was proved', () => {
    let sold: Sold;
    let sample: SampleOpening;
    let listing: Listing;
    let file: string;
    let leftOut: number;
    const columns = ['state', 'phase'];
    /** Classes of eight rows; every fourth row misses one of the two in one of three ways. */
    const cells = Array.from({ length: 80 }, (_, row) => {
      const state = row % 8 === 0 ? 'NA' : `state ${row % 5}`;
      const phase = row % 8 === 4 ? ['', '*'][(row >> 3) % 2] : 'climb';
      return [state, phase, String(row)];
    });
    before(async () => {
      file = fresh('strikes.csv');
      await writeFile(file, ['state,phase,n', ...cells.map((row) => row.join(','))].join('\n'));
      // `NA` and `*` are declared as missing beside the blank: no sample is made of such rows.
      const described = ['state', 'phase', 'n'].map((name) => ({ name, missing: ['', 'NA', '*'] }));
      sold = await register(file, described);
      const chosen = await chooseSample(
        { path: file, table: sold.table, part: null, columns },
        parameters,
      );
      if (!chosen.ok) throw new Error(chosen.detail);
      sample = { salt: 12_345n, rows: chosen.value.rows };
      ({ leftOut } = chosen.value);
      const commitment = kAnonymityCommitment(parameters, sample.salt, chosen.value.column);
      listing = listingOf(sold.table, columns, commitment);
    });

    it('has no row with a missing quasi-identifier, and counts those that it leaves out', () => {
      expect(leftOut).to.equal(20);
      expect(sample.rows.filter((row) => row % 4 === 0)).to.deep.equal([]);
    });

    it('is in order, and is not with another salt, other rows, or a row that misses one', async () => {
      expect((await deliver(sold, file, sample, listing)).fault).to.equal(null);
      const [first = 0, second = 0, ...others] = sample.rows;
      const lies: (SampleOpening | null)[] = [
        { ...sample, salt: sample.salt + 1n },
        { ...sample, rows: [...sample.rows].reverse() },
        { ...sample, rows: [0, second, ...others] },
        { ...sample, rows: [first, first, ...others] },
        { ...sample, rows: [10_000_000, second, ...others] },
        null,
      ];
      for (const lie of lies) {
        const check = await deliver(sold, file, lie, listing);
        expect(check.fault).to.equal('PROOF_COMMITMENT_MISMATCH');
      }
    });

    it('is compared by rows and k of the size that the listing names, and by no other', async () => {
      const of64 = { circuitId: 'k-anonymity-64-k5', rows: 64, k: 5, fileRowsMin: 256 };
      const both = [parameters, of64];
      expect((await deliver(sold, file, sample, listing, both)).fault).to.equal(null);
      const otherK = [{ ...parameters, k: 4 }, of64];
      const { fault } = await deliver(sold, file, sample, listing, otherK);
      expect(fault).to.equal('PROOF_COMMITMENT_MISMATCH');
      const thrown = await deliver(sold, file, sample, listing, [of64]).catch((e: unknown) => e);
      expect(thrown).to.have.property('code', 'SAMPLE_NOT_ADMITTED');
    });
  });

  const impossible: readonly (readonly [name: string, columns: string[], leftOut: string[]])[] = [
    ['clinic', ['Age', 'Sex', 'Postcode'], ['']],
    // Its only large classes are rows without quasi-identifiers: 560 of them.
    ['missing', ['State', 'Phase', 'DayPart', 'Operator'], ['', 'NA', '*']],
  ];
  for (const [name, columns, missing] of impossible) {
    it(`makes no sample of ${name}.csv, whose people can be told apart`, async () => {
      const described = ((await caseColumns(name)) as object[]).map((column) => ({
        ...column,
        missing,
      }));
      const { table } = await register(casePath(`${name}.csv`), described);
      const file = { path: casePath(`${name}.csv`), table, part: null, columns };
      const chosen = await chooseSample(file, { rows: 512, k: 5 });
      expect(chosen.ok ? '' : chosen.result.name).to.equal('ZK_SELECTION_IMPOSSIBLE');
    });
  }

  it('measures again what the listing states of the whole file: 788 of 800 people are unique', async () => {
    const sold = await register(casePath('clinic.csv'), await caseColumns('clinic'));
    const columns = ['Sex', 'Age', 'Postcode'];
    const truth = {
      ...{ columns, leftOut: 0, k: 1, uniqueRows: 788 },
      smallest: [
        { rows: 1, classes: 788 },
        { rows: 2, classes: 6 },
      ],
    };
    const stating = (anonymity: object): Promise<DeliveryCheck> =>
      deliver(sold, casePath('clinic.csv'), null, undefined, undefined, {
        anonymity,
      } as ListingProfile);
    expect((await stating(truth)).fault).to.equal(null);
    const lies: readonly (readonly [object, RegExp])[] = [
      [
        { ...truth, k: 5, uniqueRows: 0, smallest: [{ rows: 5, classes: 160 }] },
        /states .* k 5, 0 unique rows.*it has k 1, 788 unique/,
      ],
      [{ ...truth, leftOut: 3 }, /3 left out.*0 left out/],
      [
        { ...truth, columns: ['Sex'] },
        /over Sex; the registered description tags Age, Postcode, Sex/,
      ],
      [{ ...truth, columns: [] }, /over no column; the registered description tags/],
    ];
    for (const [lie, says] of lies) {
      const { fault, detail } = await stating(lie);
      expect(fault).to.equal('QUALITY_BELOW_REPORT');
      expect(detail).to.match(says);
    }
  });

  it('is refused under an opening of another version, description or seed', async () => {
    const sold = await register(casePath('costs.csv'));
    const seed = { ...sold, opening: { ...sold.opening, seed: '11'.repeat(32) } };
    expect((await deliver(seed, casePath('costs.csv'))).fault).to.equal('FINGERPRINT_MISMATCH');
    const [first, ...others] = sold.opening.columns;
    const renamed = [{ ...first, name: 'Price' }, ...others] as typeof sold.opening.columns;
    const named = { ...sold, opening: { ...sold.opening, columns: renamed } };
    const check = await deliver(named, casePath('costs.csv'));
    expect([check.fault, check.verdict.difference?.kind]).to.deep.equal([
      'FINGERPRINT_MISMATCH',
      'OTHER_COLUMNS',
    ]);
  });

  describe('of a registration of version 1', () => {
    const salt = new Uint8Array(32).fill(7);
    const text = 'a,b\n1,x\n2,y\n3,z\n';
    const cells = [
      ['1', 'x'],
      ['2', 'y'],
      ['3', 'z'],
    ];
    const table = readPlainColumns([{ name: 'a' }, { name: 'b' }]);
    const fields = ['dxl-package/1', salt, '00'.repeat(31), [0n, 1n]] as const;
    const packed1 = (of: string, opening: Uint8Array = encodeCbor(fields)): Uint8Array => {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, opening.length);
      return concat(length, opening, new TextEncoder().encode(of));
    };
    const check = async (of: string): Promise<DeliveryCheck> => {
      const received = await unpacked(packed1(of));
      const registered = readRegistration(fingerprintRows(cells, salt));
      if (registered === null) throw new Error('a registration reads');
      const small = { circuitId: 'of-a-test', rows: 2, k: 1, fileRowsMin: 2 };
      const column = await import('../../src/client/sample-rows.ts').then(({ sampleColumn }) =>
        sampleColumn({ path: received.file, table, part: null, columns: ['a'] }, [0, 1]),
      );
      const commitment = kAnonymityCommitment(small, 0n, column ?? []);
      const listing = listingOf(table, ['a'], commitment, small);
      const stated = { listing, sizes: [parameters, small], profile: null };
      return checkDelivery({ ...received, registered, ...stated });
    };

    it('goes on being checked, and says what version 1 does not cover', async () => {
      const { fault, verdict, detail } = await check(text);
      expect([fault, verdict.version]).to.deep.equal([null, 1]);
      expect(detail).to.match(/Not covered: names of columns/);
      expect((await check(text.replace('z', 'w'))).fault).to.equal('FINGERPRINT_MISMATCH');
    });

    const broken: readonly (readonly [string, Uint8Array])[] = [
      ['nothing', new Uint8Array()],
      ['a length alone', Uint8Array.of(0, 0, 1, 0)],
      ['no CBOR', packed1(text, Uint8Array.of(0xff))],
      ['another version', packed1(text, encodeCbor(['dxl-package/9', salt, '', []]))],
      ['a short salt', packed1(text, encodeCbor(['dxl-package/1', salt.subarray(1), '', []]))],
      [
        'an opening of version 2 that is no JSON',
        new TextEncoder().encode('dxl-package/2\n\0\0\0\x01{'),
      ],
      [
        'an opening of version 2 without secrets',
        new TextEncoder().encode('dxl-package/2\n\0\0\0\x02{}'),
      ],
    ];
    for (const [what, bytes] of broken) {
      it(`is refused where it is ${what}`, async () => {
        const refused: unknown = await unpacked(bytes).catch((error: unknown) => error);
        expect(refused).to.have.property('code', 'DELIVERY_PACKAGE_INVALID');
      });
    }
  });
});
