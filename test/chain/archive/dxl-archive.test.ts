import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answerOfDxl, dxlEmbedded, embedded } from '../../cli/run-dxl.ts';
import type { ArchiveReport } from '../../../src/chain/archive/check-archive.ts';
import type { ImportReport } from '../../../src/chain/archive/import-archive.ts';
import type { ExportReport } from '../../../src/chain/archive/write-archive.ts';
import type { TableDigest } from '../../../src/chain/fsck/digests.ts';
import type { FsckReport } from '../../../src/chain/fsck/report.ts';
import { genesisHash } from '../../../src/chain/machine/genesis.ts';
import { exchangeParts } from '../../../src/chain/rooms.ts';
import { dataFolder } from '../../../src/node/data-folder.ts';
import { writeGenesis } from '../../../src/node/make-genesis.ts';
import pg from 'pg';
import { startPostgres, type RunningPostgres } from '../../../src/store/postgres/start.ts';
import { success } from '../../../src/base/result.ts';
import { admission, sign, testGenesis } from '../test-chain.ts';
import { openNode, wordOf } from '../test-node.ts';
import { openFolder } from '../../support/open-folder.ts';

const dxl = fileURLToPath(new URL('../../../bin/dxl.mjs', import.meta.url));
const admissions = 400;

describe('dxl export, dxl import, dxl fsck --file', function () {
  this.timeout(300_000);
  let root: string;
  let from: string;
  let file: string;
  let postgres: RunningPostgres;
  const started: RunningPostgres[] = [];

  before(async () => {
    root = await openFolder('dxl-archive-');
    from = join(root, 'from');
    file = join(root, 'ledger.dxl');
    await writeGenesis(dataFolder(from).genesisFile, testGenesis());
    postgres = await startPostgres({
      dataDir: dataFolder(from).databaseDir,
      log: () => undefined,
    });
    const parts = { ...exchangeParts, verifyProof: () => success };
    const node = await openNode(postgres.url, { parts });
    for (let at = 1; at <= admissions; at += 1) {
      const envelope = sign(admission(`member-${at}`, ['SELLER']), { sequence: at });
      expect(wordOf(await node.engine.submit(envelope))).to.equal('OK');
    }
    await node.projector.advance();
    await node.close();
  });
  after(async () => {
    for (const one of started) await one.stop();
    await postgres.stop();
    await rm(root, { recursive: true, force: true });
  });

  /** Runs a command and kills it when `ripe` says so. False where it ended before. */
  async function killed(words: string[], ripe: () => Promise<boolean>): Promise<boolean> {
    const child = spawn(process.execPath, [dxl, ...words], {
      env: { ...process.env, ...embedded },
      stdio: 'ignore',
    });
    const ended = once(child, 'close').then(() => true);
    while (!(await Promise.race([ended, ripe()]))) await delay(2);
    child.kill('SIGKILL');
    await ended;
    return child.signalCode === 'SIGKILL';
  }

  type Digests = { digests: TableDigest[] } & FsckReport;
  const digests = async (dataDir: string): Promise<TableDigest[]> =>
    (await answerOfDxl<Digests>('fsck', '--data-dir', dataDir, '--digests')).digests;

  it('moves a ledger whole: the same hash for every table', async () => {
    const exported = await answerOfDxl<ExportReport>('export', file, '--data-dir', from);
    expect(exported.bytes).to.equal((await stat(file)).size);
    const to = join(root, 'to');
    const words = ['--data-dir', to, '--genesis-hash', genesisHash(testGenesis())];
    const imported = await answerOfDxl<ImportReport>('import', file, ...words);
    expect(imported).to.include({ imported: exported.height, appHash: exported.appHash });
    const wanted = await digests(from);
    expect(wanted.map(({ table }) => table)).to.include('record');
    expect(await digests(to)).to.deep.equal(wanted);
    const again = join(root, 'again.dxl');
    await answerOfDxl('export', again, '--data-dir', to);
    expect(Buffer.compare(await readFile(again), await readFile(file))).to.equal(0);
  });

  it('audits the file without a database, and says what is wrong with another', async () => {
    const report = await answerOfDxl<ArchiveReport>('fsck', '--file', file);
    expect(report).to.include({ sound: true, envelopes: admissions });
    const damaged = join(root, 'damaged.dxl');
    await copyFile(file, damaged);
    await truncate(damaged, 5_000);
    await appendFile(damaged, (await readFile(file)).subarray(5_000).fill(7, 0, 1));
    const { code, output: out } = await dxlEmbedded('fsck', '--file', damaged);
    expect(code).to.equal(1);
    expect(out).to.match(/frame +\d+ +- +Frame \d+ at byte \d+: the frame does not have the hash/);
    const refused = await dxlEmbedded('import', damaged, '--data-dir', join(root, 'never'));
    expect(refused.code).to.equal(1);
    expect(refused.errors).to.match(/ARCHIVE_DAMAGED\n {2}Frame \d+ at byte \d+:/);
  });

  it('goes on with an export and an import that were killed in the middle', async () => {
    const part = join(root, 'part.dxl');
    const size = async (): Promise<number> => (await stat(part).catch(() => null))?.size ?? 0;
    await killed(['export', part, '--data-dir', from], async () => (await size()) > 0);
    // Wherever the kill fell, a torn frame stands at the end.
    await truncate(part, Math.floor(((await size()) * 2) / 3));
    await answerOfDxl('export', part, '--data-dir', from, '--resume');
    expect(Buffer.compare(await readFile(part), await readFile(file))).to.equal(0);

    const to = join(root, 'killed');
    let kills = 0;
    for (const afterMs of [900, 1_100, 1_300, 1_500]) {
      const until = Date.now() + afterMs;
      const words = ['import', file, '--data-dir', to];
      if (await killed(words, async () => Date.now() > until)) kills += 1;
    }
    expect(kills).to.be.greaterThan(0);
    const report = await answerOfDxl<ImportReport>('import', file, '--data-dir', to);
    expect(report.from + report.imported).to.equal(report.height);
    expect(await digests(to)).to.deep.equal(await digests(from));
    started.push(
      await startPostgres({ dataDir: dataFolder(to).databaseDir, log: () => undefined }),
    );
  });

  it('rebuilds read models to the same hashes, and compares them without a change', async () => {
    const wanted = await digests(from);
    const verify = ['rebuild', '--verify', '--data-dir', from];
    expect(await answerOfDxl(...verify)).to.include({ sound: true, findingCount: 0 });
    const rebuilt = await answerOfDxl<{ changed: string[] }>('rebuild', '--data-dir', from);
    expect(rebuilt.changed).to.deep.equal([]);
    expect(await digests(from)).to.deep.equal(wanted);
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(`UPDATE record SET status = 'SUSPENDED' WHERE id = 'member-7'`);
    await client.end();
    const { code, output: out } = await dxlEmbedded(...verify);
    expect(code).to.equal(1);
    expect(out).to.match(
      /record +organisation\/member-7 +status +is "SUSPENDED"; "ACTIVE" belongs/,
    );
    const repaired = await answerOfDxl<{ changed: string[] }>('rebuild', '--data-dir', from);
    expect(repaired.changed).to.deep.equal(['record']);
    expect(await digests(from)).to.deep.equal(wanted);
  });

  it('refuses to write over a file, and a folder of another chain', async () => {
    const { code, errors: err } = await dxlEmbedded('export', file, '--data-dir', from);
    expect(code).to.equal(2);
    expect(err).to.include('--resume');
    const other = join(root, 'other');
    await writeGenesis(dataFolder(other).genesisFile, testGenesis({ chainId: 'dxl-other' }));
    const refused = await dxlEmbedded('import', file, '--data-dir', other);
    expect(refused.code).to.equal(1);
    expect(refused.errors).to.include('IMPORT_OTHER_CHAIN');
  });

  it('takes pipes, and says on standard error what it does', async () => {
    const piped = join(root, 'piped');
    const child = spawn(
      'sh',
      [
        '-c',
        '"$0" "$1" export - --data-dir "$2" | "$0" "$1" import - --data-dir "$3" --json',
        ...[process.execPath, dxl, from, piped],
      ],
      { env: { ...process.env, ...embedded }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.resume();
    await once(child, 'close');
    expect((JSON.parse(out) as ImportReport).imported).to.be.greaterThan(0);
  });
});
