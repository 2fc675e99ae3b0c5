import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { loadDataset, packedDataset } from '../../src/demo/dataset.ts';

const packaged = new URL('../../node_modules/vega-datasets/data/birdstrikes.csv', import.meta.url);

describe('data set of the demo', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-dataset-'));
  });
  after(() => rm(folder, { recursive: true }));

  const loading = async (name: string, bytes: Uint8Array): Promise<unknown> => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return loadDataset(pathToFileURL(file)).catch((error: unknown) => error);
  };

  it('is, byte for byte, the table of the package that it is made from', async () => {
    const { bytes, rows, columns } = await loadDataset();
    expect(Buffer.from(bytes).equals(await readFile(packaged))).to.equal(true);
    expect([rows.length, columns.length]).to.deep.equal([10_000, 14]);
    expect(rows.every((row) => row.length === columns.length)).to.equal(true);
  });

  it('is refused where one digit is another', async () => {
    const table = gunzipSync(await readFile(packedDataset));
    const place = table.lastIndexOf('0');
    table[place] = 0x31;
    expect(await loading('changed.csv.gz', gzipSync(table))).to.have.property(
      'code',
      'DATASET_CHANGED',
    );
  });

  const unreadable: readonly (readonly [string, () => Uint8Array | Promise<Uint8Array>])[] = [
    ['not compressed', () => readFile(packaged)],
    ['cut short', async () => (await readFile(packedDataset)).subarray(0, 1000)],
    ['far larger than the table', () => gzipSync(new Uint8Array(2 ** 22))],
  ];
  for (const [what, bytes] of unreadable) {
    it(`is refused where the file is ${what}`, async () => {
      expect(await loading(`${what}.gz`, await bytes())).to.have.property(
        'code',
        'DATASET_UNREADABLE',
      );
    });
  }

  it('is refused by the name of the file that is missing', async () => {
    const missing = pathToFileURL(path.join(folder, 'missing.csv.gz'));
    const error: unknown = await loadDataset(missing).catch((cause: unknown) => cause);
    expect(error).to.have.property('code', 'DATASET_UNREADABLE');
    expect((error as Error).message).to.contain('missing.csv.gz');
  });
});
