import { expect } from 'chai';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkLedger } from '../../../src/chain/fsck/check-ledger.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { startPostgres } from '../../../src/store/postgres/start.ts';
import { openFolder } from '../../support/open-folder.ts';
import { testGenesis, testParts } from '../test-chain.ts';
import { loader } from '../../support/loader.ts';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const diskMiB = 128;
/** Room that the ledger has when it begins: some hundred envelopes. */
const roomKiB = 3_072;

/** A disk of its own, small; or why there is none. */
async function mountSmallDisk(folder: string): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'only root may mount a small disk';
  const options = `size=${diskMiB}m,mode=755`;
  return run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).then(
    () => null,
    (error: unknown) => `a small disk cannot be mounted: ${(error as Error).message.trim()}`,
  );
}

describe('chain/engine: a full disk', function () {
  this.timeout(300_000);
  let folder: string;
  let mounted = false;

  before(async function () {
    folder = await openFolder('dxl-full-');
    const why = await mountSmallDisk(folder);
    mounted = why === null;
    if (why === null) return;
    console.log(`    skipped: ${why}`);
    this.skip();
  });
  after(async () => {
    if (mounted) await run('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true });
  });

  it('ends the node, and loses nothing that was acknowledged', async () => {
    const dataDir = path.join(folder, 'postgres');
    const start = () => startPostgres({ dataDir, log: () => undefined });
    const filler = path.join(folder, 'filler');
    let postgres = await start();
    const { bavail, bsize } = await statfs(folder);
    await writeFile(filler, new Uint8Array(bavail * bsize - roomKiB * 1_024));

    const node = spawn(process.execPath, [...loader, child, postgres.url]);
    let said = '';
    let complained = '';
    node.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    node.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text));
    const [code] = (await once(node, 'close')) as [number | null];
    // As onFailure of the child ends it.
    expect(code, complained).to.equal(3);
    const acknowledged = said.split('\n').filter((line) => line.length === 64);
    expect(acknowledged.length).to.be.greaterThan(0);

    await rm(filler);
    await postgres.stop().catch(() => undefined);
    postgres = await start();
    const reader = await openAuditReader(postgres.url);
    try {
      const standing: string[] = [];
      for await (const { id } of reader.envelopes()) standing.push(id);
      expect(new Set(standing).size, 'none twice').to.equal(standing.length);
      expect(standing).to.include.members(acknowledged);
      const sound = { reader, genesis: testGenesis(), parts: testParts, invariants: () => [] };
      expect((await checkLedger(sound)).findings).to.deep.equal([]);
    } finally {
      await reader.close();
      await postgres.stop();
    }
  });
});
