import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { netInit } from '../../src/net/init.ts';
import { testGenesis } from '../chain/test-chain.ts';

describe('a network in a deep folder', () => {
  let root: string;
  let dir: string;
  let sockets: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'dxl-init-'));
    dir = path.join(root, 'deep'.repeat(20));
    const digest = createHash('sha256').update(dir).digest('hex').slice(0, 12);
    sockets = path.join(tmpdir(), `dxl-net-${digest}`);
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
    await rm(sockets, { recursive: true, force: true });
  });

  const init = () => netInit({ dir, validators: 1, genesis: testGenesis() });
  const refusal = (): Promise<string> =>
    init().then(
      () => 'none',
      (error: unknown) => (error as { code: string }).code,
    );

  it('has its sockets in a folder of the system’s that is its own', async () => {
    const plan = await init();
    expect(path.dirname(plan.validators[0]?.appSocket ?? '')).to.equal(sockets);
  });

  it('does not put them where somebody else could have made the folder', async () => {
    const elsewhere = path.join(root, 'elsewhere');
    await mkdir(elsewhere, { mode: 0o700 });
    await symlink(elsewhere, sockets);
    expect(await refusal()).to.equal('NET_SOCKETS');
  });

  it('does not put them where others may write', async () => {
    await mkdir(sockets);
    await chmod(sockets, 0o777);
    expect(await refusal()).to.equal('NET_SOCKETS');
  });
});
