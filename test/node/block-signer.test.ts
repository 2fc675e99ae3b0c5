import { expect } from 'chai';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlockSigner, openBlockSignerOf } from '../../src/node/block-signer.ts';

describe('node: the key that signs blocks', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dxl-signer-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (error: unknown) => (error as { code?: unknown }).code,
    );

  it('is asked for, and never made, on a folder that an import has written', async () => {
    const file = join(dir, 'absent.json');
    expect(await codeOf(openBlockSignerOf('11'.repeat(32), file))).to.equal('BLOCK_SIGNER_MISSING');
    expect(await readdir(dir)).to.deep.equal([]);
  });

  it('is taken where it is the one that genesis names, and no other', async () => {
    const file = join(dir, 'signer.json');
    const { publicKey } = await openBlockSigner(file);
    expect((await openBlockSignerOf(publicKey, file)).publicKey).to.equal(publicKey);
    expect(await codeOf(openBlockSignerOf('11'.repeat(32), file))).to.equal('BLOCK_SIGNER_OTHER');
  });
});
