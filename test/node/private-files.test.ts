import { expect } from 'chai';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBlockSigner } from '../../src/node/block-signer.ts';
import { findWideFiles, privateFileModes, privateModes } from '../../src/node/private-files.ts';

describe('files of a node that are nobody else’s', () => {
  let folder: string;
  before(async function () {
    if (process.platform === 'win32') this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-private-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are for their owner only whatever the umask, and named where somebody has opened them', async () => {
    const file = path.join(folder, 'node', 'block-signer.json');
    const before = process.umask(0);
    try {
      await openBlockSigner(file);
    } finally {
      process.umask(before);
    }
    expect((await stat(path.dirname(file))).mode & 0o777).to.equal(0o700);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    const wanted = [
      { file: path.dirname(file), modes: privateModes },
      { file, modes: privateFileModes },
      { file: path.join(folder, 'absent'), modes: privateModes },
    ];
    expect(await findWideFiles(wanted)).to.deep.equal([]);
    await chmod(path.dirname(file), 0o777);
    await chmod(file, 0o644);
    expect(await findWideFiles(wanted)).to.deep.equal([
      { file: path.dirname(file), mode: '777', remedy: `chmod 700 ${path.dirname(file)}` },
      { file, mode: '644', remedy: `chmod 600 ${file}` },
    ]);
  });
});
