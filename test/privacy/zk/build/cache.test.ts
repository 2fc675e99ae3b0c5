import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cachedDirectory } from '../../../../src/privacy/zk/build/cache.ts';

describe('cachedDirectory', () => {
  let root: string;
  let directory: string;
  let made: number;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'dxl-cache-'));
    directory = join(root, 'entry');
    made = 0;
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const use = (force = false): ReturnType<typeof cachedDirectory<string>> =>
    cachedDirectory(directory, force, async (temporary) => {
      made += 1;
      await writeFile(join(temporary, 'key'), 'content');
      return 'details';
    });

  it('makes once, then finds it', async () => {
    expect(await use()).to.deep.equal({ details: 'details', cached: false });
    expect(await use()).to.deep.equal({ details: 'details', cached: true });
    expect(made).to.equal(1);
    expect(await readdir(root)).to.deep.equal(['entry']);
  });

  const damages: readonly [name: string, damage: () => Promise<void>][] = [
    ['a file cut short', () => truncate(join(directory, 'key'), 3)],
    ['a file altered', () => writeFile(join(directory, 'key'), 'contenu')],
    ['a file removed', () => rm(join(directory, 'key'))],
    ['the manifest cut short', () => truncate(join(directory, 'manifest.json'), 20)],
    ['the manifest removed', () => rm(join(directory, 'manifest.json'))],
  ];
  for (const [name, damage] of damages) {
    it(`makes again after ${name}`, async () => {
      await use();
      await damage();
      expect(await use()).to.include({ cached: false });
      expect(await readFile(join(directory, 'key'), 'utf8')).to.equal('content');
      expect(await use()).to.include({ cached: true });
    });
  }

  it('makes again when it is told to', async () => {
    await use();
    expect(await use(true)).to.include({ cached: false });
    expect(made).to.equal(2);
  });

  it('leaves nothing behind when making fails', async () => {
    const thrown = await cachedDirectory(directory, false, async (temporary) => {
      await writeFile(join(temporary, 'key'), 'half');
      throw new Error('out of memory');
    }).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(Error);
    expect(await readdir(root)).to.deep.equal([]);
  });

  it('survives a race: both get the result', async () => {
    const results = await Promise.all([use(), use(), use()]);
    expect(results.map(({ details }) => details)).to.deep.equal(Array(3).fill('details'));
    expect(await use()).to.include({ cached: true });
    expect(await readdir(root)).to.deep.equal(['entry']);
  });
});
