import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { dxlEmbedded } from '../../cli/run-dxl.ts';
import type { FsckReport } from '../../../src/chain/fsck/report.ts';
import { dataFolder } from '../../../src/node/data-folder.ts';
import { writeGenesis } from '../../../src/node/make-genesis.ts';
import { startPostgres, type RunningPostgres } from '../../../src/store/postgres/start.ts';
import { admission, sign, testGenesis } from '../test-chain.ts';
import { openNode, wordOf } from '../test-node.ts';
import { openFolder } from '../../support/open-folder.ts';

const dxl = fileURLToPath(new URL('../../../bin/dxl.mjs', import.meta.url));

describe('dxl fsck (M-90, M-91)', function () {
  this.timeout(300_000);
  let dataDir: string;
  let postgres: RunningPostgres;
  const start = () =>
    startPostgres({ dataDir: dataFolder(dataDir).databaseDir, log: () => undefined });

  before(async () => {
    dataDir = await openFolder('dxl-fsck-');
    await writeGenesis(dataFolder(dataDir).genesisFile, testGenesis());
    postgres = await start();
    const node = await openNode(postgres.url);
    const admitted = await node.engine.submit(
      sign(admission('seller', ['SELLER']), { sequence: 1 }),
    );
    expect(wordOf(admitted)).to.equal('OK');
    await node.projector.advance();
    await node.close();
  });
  after(async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const fsck = (...words: string[]) => dxlEmbedded('fsck', '--data-dir', dataDir, ...words);

  const change = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };

  it('finds a sound ledger sound, beside a running database, and leaves it running', async () => {
    const { code, output: out, errors: err } = await fsck('--json');
    expect(code, err).to.equal(0);
    expect(JSON.parse(out) as FsckReport).to.include({
      sound: true,
      envelopes: 1,
      findingCount: 0,
    });
    await change('SELECT 1');
  });

  it('says what is wrong, in a table and by its exit code', async () => {
    const flip = `UPDATE state SET value = set_byte(value, 3, get_byte(value, 3) # 1)
                  WHERE key = 'organisation/seller'`;
    await change(flip);
    try {
      const { code, output: out, errors: err } = await fsck();
      expect(code, err).to.equal(1);
      expect(out).to.match(/state +organisation\/seller +value +is not what the blocks lead to/);
    } finally {
      await change(flip);
    }
  });

  it('names a forged row of money that no block has written', async () => {
    await change(`INSERT INTO state VALUES ('trade/forged', '\\x80', 1)`);
    try {
      const { code, output: out } = await fsck('--json');
      expect(code).to.equal(1);
      const [found] = (JSON.parse(out) as FsckReport).findings;
      expect(found).to.include({ table: 'state', row: 'trade/forged' });
    } finally {
      await change(`DELETE FROM state WHERE key = 'trade/forged'`);
    }
  });

  it('keeps what it must remember in a folder of your choice, and leaves nothing there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dxl-fsck-scratch-'));
    const sound = await fsck('--json', '--scratch', folder);
    expect(sound.code, sound.errors).to.equal(0);
    expect(await readdir(folder)).to.deep.equal([]);
    await rm(folder, { recursive: true });
    const refused = await fsck('--scratch', folder);
    expect(refused.code).to.not.equal(0);
    expect(refused.errors).to.match(/No file can be made in .* by TMPDIR or by --scratch/s);
  });

  it('leaves nothing there when it is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dxl-fsck-scratch-'));
    const { DATABASE_URL: _other, ...env } = process.env;
    const words = [dxl, 'fsck', '--data-dir', dataDir, '--scratch', folder];
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    // The first line of progress comes once blocks are being read.
    await Promise.race([once(child.stderr, 'data'), once(child, 'exit')]);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(await readdir(folder)).to.deep.equal([]);
    await rm(folder, { recursive: true });
  });

  it('starts a stopped database for the audit and stops it after', async () => {
    await postgres.stop();
    const { code, errors: err } = await fsck('--json');
    expect(code, err).to.equal(0);
    postgres = await start();
    expect(postgres.adopted).to.equal(false);
  });
});
