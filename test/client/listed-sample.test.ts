/** The sample of a file on its seller's machine: of the size that its rows ask for, then proved. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OperationalError } from '../../src/base/operational-error.ts';
import { sampleSizes } from '../../src/base/sample-sizes.ts';
import { proofInputs, sizeOfSample, takeSample } from '../../src/client/listed-sample.ts';
import type { SampledFile } from '../../src/client/sample-rows.ts';
import { plainColumn } from '../../src/data/description/table.ts';
import type { Listing } from '../../src/listing/schema.ts';
import { prove } from '../../src/privacy/zk/prover/prove.ts';
import { kAnonymityPublics, listingBinding } from '../../src/privacy/zk/statements/k-anonymity.ts';
import { verifyProof } from '../../src/privacy/zk/verifier/verify.ts';
import { facts, listingId } from '../listing/fixture.ts';
import { coldBuildMs, smallArtefacts, smallKey } from '../privacy/zk/small-proof.ts';
import { defaultRules } from '../support/rules.ts';

const sizes = sampleSizes(defaultRules, 2);
const chainId = 'dxl-test';

describe('the sample of a listing', () => {
  let folder: string;
  let made = 0;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'listed-sample-'))));
  after(() => rm(folder, { recursive: true }));

  /** By state and size; every 50th row misses its state. */
  async function fileOf(rows: number, classes = 4): Promise<SampledFile> {
    const lines = Array.from({ length: rows }, (_, row) => {
      const state = row % 50 === 49 ? '' : `state ${row % classes}`;
      return `${state},${row % 2 === 0 ? 'small' : 'large'},${row}`;
    });
    const file = path.join(folder, `${(made += 1)}.csv`);
    await writeFile(file, `${['State,Size,Fee', ...lines].join('\n')}\n`);
    const table = { columns: ['State', 'Size', 'Fee'].map(plainColumn) };
    return { path: file, table, part: null, columns: ['State', 'Size'] };
  }

  const listed = (sample: Listing['sample']): Listing =>
    ({ ...facts, id: listingId, seller: 'seller', revision: 3, sample }) as unknown as Listing;

  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const thrown = await work.catch((error: unknown) => error);
    if (thrown instanceof OperationalError) return `${thrown.code}: ${thrown.message}`;
    throw new Error('nothing was refused', { cause: thrown });
  };

  const rows: readonly (readonly [fileRows: number, sample: number, k: number])[] = [
    [24, 16, 3],
    [255, 16, 3],
    [256, 64, 5],
    [1_100, 128, 5],
    [5_000, 512, 5],
    [100_000, 2_048, 5],
  ];
  for (const [fileRows, sample, k] of rows) {
    it(`of ${fileRows} rows has ${sample}, with k ${k}, and leaves out rows with gaps`, async () => {
      const taken = await takeSample(await fileOf(fileRows), sizes);
      expect(taken.size).to.include({ rows: sample, k });
      expect(taken.fileRows).to.equal(fileRows);
      expect(taken.leftOut).to.equal(Math.floor(fileRows / 50));
      expect(taken.opening.rows.length).to.equal(sample);
      expect(taken.opening.rows.some((row) => row % 50 === 49)).to.equal(false);
      expect(taken.listed).to.deep.include({ circuitId: taken.size.circuitId, rows: sample });
    });
  }

  it('is refused of a file that is smaller than any sample, naming both', async () => {
    const said = await codeOf(takeSample(await fileOf(15), sizes));
    expect(said).to.match(/^SAMPLE_IMPOSSIBLE: .*has 15 rows.*files of 16 rows or more/);
  });

  it('is refused where classes are too small for the size that is needed', async () => {
    const said = await codeOf(takeSample(await fileOf(300, 150), sizes));
    expect(said).to.match(/^SAMPLE_IMPOSSIBLE: .*64 rows with k 5 from 0 classes/);
  });

  it('is of a size that the pack lists, or refused with those that it does', () => {
    expect(sizeOfSample(sizes, { circuitId: 'k-anonymity-64-k5', rows: 64 }).k).to.equal(5);
    expect(() => sizeOfSample(sizes, { circuitId: 'k-anonymity-64-k5', rows: 128 })).to.throw(
      OperationalError,
      'k-anonymity-64-k5 over 128 rows; the rule pack admits k-anonymity-16-k3 over 16, ',
    );
  });

  it('is proved as it was taken, and its proof holds for this listing alone', async function () {
    this.timeout(coldBuildMs);
    const file = await fileOf(40);
    const { size, opening, listed: sample } = await takeSample(file, sizes);
    const listing = listed(sample);
    const inputs = await proofInputs(file, opening, size, { chainId, listing });
    const artefacts = await smallArtefacts();
    const { circuitId } = size;
    const { proof, publics } = await prove({ circuitId, artefacts, inputs: { ...inputs } });
    const scope = { chainId, circuitId, listingId, sellerOrgId: 'seller' };
    const publicsOf = (revision: bigint): bigint[] => {
      const binding = listingBinding({ ...scope, revision });
      return kAnonymityPublics({ commitment: BigInt(`0x${sample.commitment}`), binding });
    };
    expect(publics).to.deep.equal(publicsOf(3n));
    const key = await smallKey();
    expect(verifyProof(key, publicsOf(3n), proof).ok).to.equal(true);
    expect(verifyProof(key, publicsOf(4n), proof).ok).to.equal(false);
  });

  it('is not proved of another file, other rows or another salt than it was taken from', async () => {
    const file = await fileOf(40);
    const { size, opening, listed: sample } = await takeSample(file, sizes);
    const listing = listed(sample);
    const { salt, rows: taken } = opening;
    const others: readonly (readonly [SampledFile, typeof opening])[] = [
      [await fileOf(40, 3), opening],
      [file, { salt: salt ^ 1n, rows: taken }],
      [file, { salt, rows: taken.slice(1) }],
      [file, { salt, rows: [...taken].reverse() }],
      [file, { salt, rows: [49, ...taken.slice(1)] }],
    ];
    for (const [from, by] of others) {
      const said = await codeOf(proofInputs(from, by, size, { chainId, listing }));
      expect(said).to.match(/^SAMPLE_OTHER: .*listing-1 commits to/);
    }
  });
});
