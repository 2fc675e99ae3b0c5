import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import { answerOfDxl, dxlEmbedded, embedded } from '../../cli/run-dxl.ts';
import type { ArchiveReport } from '../../../src/chain/archive/check-archive.ts';
import { pieceBytes } from '../../../src/chain/archive/content-frame.ts';
import type { ImportReport } from '../../../src/chain/archive/import-archive.ts';
import type { ExportReport } from '../../../src/chain/archive/write-archive.ts';
import { encodeManifest, partBytes } from '../../../src/content/manifest.ts';
import { ContentReceiver } from '../../../src/cli/content-receiver.ts';
import { missingContent } from '../../../src/cli/missing-content.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { dataFolder } from '../../../src/node/data-folder.ts';
import { writeGenesis } from '../../../src/node/make-genesis.ts';
import { openContentFolder } from '../../../src/store/content-store.ts';
import { startPostgres, type RunningPostgres } from '../../../src/store/postgres/start.ts';
import { admission, sign, testGenesis } from '../test-chain.ts';
import { openNode, wordOf } from '../test-node.ts';
import { openFolder } from '../../support/open-folder.ts';

const dxl = fileURLToPath(new URL('../../../bin/dxl.mjs', import.meta.url));
const maxBytes = 1 << 30;

describe('dxl export --with-content, dxl import --with-content', function () {
  this.timeout(300_000);
  let root: string;
  let from: string;
  let plain: string;
  let file: string;
  let postgres: RunningPostgres;
  const digests: string[] = [];
  const sizes = [0, 5, pieceBytes, pieceBytes + 1, 3 * pieceBytes + 77];

  before(async () => {
    root = await openFolder('dxl-content-');
    from = join(root, 'from');
    plain = join(root, 'plain.dxl');
    file = join(root, 'ledger.dxl');
    await writeGenesis(dataFolder(from).genesisFile, testGenesis());
    const { databaseDir, contentDir } = dataFolder(from);
    postgres = await startPostgres({ dataDir: databaseDir, log: () => undefined });
    const node = await openNode(postgres.url);
    const envelope = sign(admission('seller', ['SELLER']), { sequence: 1 });
    expect(wordOf(await node.engine.submit(envelope))).to.equal('OK');
    await node.projector.advance();
    await node.close();
    await answerOfDxl('export', plain, '--data-dir', from);
    const content = await openContentFolder(contentDir);
    for (const size of sizes) {
      digests.push((await content.put(randomBytes(size), { maxBytes })).digest);
    }
    digests.sort();
    await answerOfDxl('export', file, '--data-dir', from, '--with-content');
  });
  after(async () => {
    await postgres.stop();
    await rm(root, { recursive: true, force: true });
  });

  const contentFile = (dataDir: string, digest: string): string =>
    join(dataFolder(dataDir).contentDir, digest.slice(0, 2), digest.slice(2, 4), digest);

  const flip = async (path: string, at: number): Promise<void> => {
    const bytes = await readFile(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
  };

  it('leaves the file as it was, to the byte, where content is not asked for', async () => {
    const again = join(root, 'again.dxl');
    await answerOfDxl('export', again, '--data-dir', from);
    expect((await readFile(again)).equals(await readFile(plain))).to.equal(true);
    expect((await readFile(plain)).subarray(0, 13).toString()).to.equal('dxl-export/1\n');
    // What a release that knows the first format alone refuses, and says so.
    expect((await readFile(file)).subarray(0, 13).toString()).to.equal('dxl-export/2\n');
  });

  it('says that a format of a later release needs that', async () => {
    const later = join(root, 'later.dxl');
    await writeFile(later, 'dxl-export/3\n and more');
    const { code, errors: err } = await dxlEmbedded(
      'import',
      later,
      '--data-dir',
      join(root, 'later'),
    );
    expect(code).to.equal(1);
    expect(err).to.match(/a format that this release does not read.*or a newer one/s);
  });

  it('moves content with the log, whole, and audits it', async () => {
    const to = join(root, 'to');
    const imported = await answerOfDxl<ImportReport>(
      ...['import', file, '--data-dir', to, '--with-content'],
    );
    expect(imported).to.include({ contents: sizes.length, missing: 0 });
    for (const digest of digests) {
      const bytes = await readFile(contentFile(to, digest));
      expect(createHash('sha256').update(bytes).digest('hex')).to.equal(digest);
    }
    const audited = await answerOfDxl<ArchiveReport>('fsck', '--file', file);
    expect(audited).to.include({ sound: true, contents: sizes.length });
  });

  it('leaves content out where it is not asked for, and says so', async () => {
    const to = join(root, 'without');
    const { code, errors: err } = await dxlEmbedded('import', file, '--data-dir', to, '--json');
    expect(code, err).to.equal(0);
    expect(err).to.match(/5 encrypted payloads of the file were left out: --with-content/);
    expect(await readdir(to)).to.not.include('content');
  });

  it('goes on with a file that was cut off anywhere, to the same bytes', async () => {
    const whole = await readFile(file);
    const part = join(root, 'part.dxl');
    const logEnd = (await readFile(plain)).length - 150;
    for (const length of [5, logEnd, logEnd + 600_000, whole.length - 200, whole.length]) {
      await writeFile(part, whole);
      await truncate(part, length);
      const words = ['export', part, '--data-dir', from, '--resume', '--with-content'];
      const report = await answerOfDxl<ExportReport>(...words);
      expect(report).to.include({ contents: sizes.length, bytes: whole.length });
      expect((await readFile(part)).equals(whole), `cut at ${length}`).to.equal(true);
    }
    const words = ['export', plain, '--data-dir', from, '--resume', '--with-content'];
    const { code, errors: err } = await dxlEmbedded(...words);
    expect(code).to.not.equal(0);
    expect(err).to.match(/begun without content/);
  });

  it('goes on with an import that was killed', async () => {
    const to = join(root, 'killed');
    const words = ['import', file, '--data-dir', to, '--with-content'];
    const child = spawn(process.execPath, [dxl, ...words], {
      env: { ...process.env, ...embedded },
      stdio: 'ignore',
    });
    const ended = once(child, 'close').then(() => true);
    const begun = (): Promise<boolean> =>
      readdir(dataFolder(to).contentDir).then(
        (names) => names.length > 1,
        () => false,
      );
    while (!(await Promise.race([ended, begun()]))) await delay(2);
    child.kill('SIGKILL');
    await ended;
    const killedServer = await startPostgres({
      dataDir: dataFolder(to).databaseDir,
      log: () => undefined,
    });
    await killedServer.stop();
    expect(await answerOfDxl<ImportReport>(...words)).to.include({ contents: sizes.length });
    const kept = await openContentFolder(dataFolder(to).contentDir);
    for (const digest of digests) expect(await kept.has(digest)).to.equal(true);
  });

  it('names the content in which a byte of the file was changed, and the frame', async () => {
    const whole = await readFile(file);
    const damaged = join(root, 'damaged.dxl');
    const largest = await largestDigest();
    // Within a piece of the largest, of which there are several: behind the first mention of it.
    const at = whole.indexOf(Buffer.from(largest, 'hex')) + 1_000;
    await writeFile(damaged, whole);
    await flip(damaged, at);
    const to = join(root, 'damaged');
    const { code, errors: err } = await dxlEmbedded(
      'import',
      damaged,
      '--data-dir',
      to,
      '--with-content',
    );
    expect(code).to.equal(1);
    expect(err).to.match(new RegExp(`Frame [0-9]+ at byte [0-9]+: .*of content ${largest}`, 's'));
    const kept = await openContentFolder(dataFolder(to).contentDir);
    expect(await kept.has(largest)).to.equal(false);
    const audited = await dxlEmbedded('fsck', '--file', damaged);
    expect(audited.code).to.equal(1);
    expect(audited.output).to.contain(largest);
  });

  const largestDigest = async (): Promise<string> => {
    for (const digest of digests) {
      if ((await readFile(contentFile(from, digest))).length === sizes.at(-1)) return digest;
    }
    throw new Error('kept');
  };

  it('keeps nothing that is not what its digest says, where all hashes were made anew', async () => {
    const store = await openContentFolder(join(root, 'forged'));
    const receiver = new ContentReceiver(store);
    const piece = { digest: 'ab'.repeat(32), offset: 0, last: true, data: Uint8Array.of(1) };
    const error = await receiver.take(piece).then(
      () => null,
      (cause: unknown) => cause as { code: string; message: string },
    );
    expect(error?.code).to.equal('CONTENT_OTHER');
    expect(error?.message).to.contain(piece.digest);
    expect(await store.has(piece.digest)).to.equal(false);
    await receiver.stop();
  });

  it('does not copy content that is damaged in the folder, and names it', async () => {
    const largest = await largestDigest();
    await flip(contentFile(from, largest), 9);
    try {
      const path = join(root, 'corrupt.dxl');
      const words = ['export', path, '--data-dir', from, '--with-content'];
      const { code, errors: err } = await dxlEmbedded(...words);
      expect(code).to.not.equal(0);
      expect(err).to.contain(largest);
    } finally {
      await flip(contentFile(from, largest), 9);
    }
  });

  it('names a payload of a delivery that the folder lacks', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const digest = 'cd'.repeat(32);
    const body = JSON.stringify({ id: 't1', delivery: { ciphertextDigest: digest } });
    await client.query(`INSERT INTO record VALUES ('trade', 't1', 1, 1, 1, null, $1, '')`, [body]);
    try {
      const path = join(root, 'missing.dxl');
      const words = ['export', path, '--data-dir', from, '--with-content', '--json'];
      const { code, output: out, errors: err } = await dxlEmbedded(...words);
      expect(code, err).to.equal(0);
      expect(JSON.parse(out)).to.include({ missing: 1, contents: sizes.length });
      expect(err).to.contain(`Not in the content folder: ${digest}, of trade t1.`);
    } finally {
      await client.query(`DELETE FROM record WHERE kind = 'trade'`);
      await client.end();
    }
  });

  it('moves content of several parts, each checked, and names a part that the folder lacks', async () => {
    const end = randomBytes(1_000);
    const kept = [Buffer.alloc(partBytes), end];
    const content = await openContentFolder(dataFolder(from).contentDir);
    const parts = kept.map((part) => ({
      sha256: createHash('sha256').update(part).digest('hex'),
      bytes: part.length,
    }));
    const manifest = encodeManifest({ bytes: partBytes + end.length, parts });
    const { digest } = await content.put(manifest, { maxBytes });
    for (const part of kept) await content.put(part, { maxBytes });
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const delivery = { ciphertextDigest: digest, wrappedKeyDigest: digests[1] };
    const body = JSON.stringify({ id: 't2', delivery });
    await client.query(`INSERT INTO record VALUES ('trade', 't2', 1, 1, 1, null, $1, '')`, [body]);
    try {
      const path = join(root, 'parts.dxl');
      const words = ['export', path, '--data-dir', from, '--with-content'];
      expect(await answerOfDxl<ExportReport>(...words)).to.include({ missing: 0 });
      const to = join(root, 'parts');
      await answerOfDxl('import', path, '--data-dir', to, '--with-content');
      const moved = await openContentFolder(dataFolder(to).contentDir);
      for (const { sha256, bytes } of parts) {
        const found = await moved.get(sha256);
        // Checked to its end: get fails there where the bytes are not those of the digest.
        expect((await buffer(found!)).length).to.equal(bytes);
      }
      expect(await moved.has(digest)).to.equal(true);
      await content.remove(parts[1]!.sha256);
      const told: string[] = [];
      const reader = await openAuditReader(postgres.url, 'append-only');
      const report = await missingContent(reader, content, (text) => told.push(text));
      await reader.close();
      expect(report).to.deep.equal({ missing: 1 });
      const named = `1 of 2 parts of ${digest}, the first of them 1 (${parts[1]!.sha256})`;
      expect(told).to.deep.equal([`Not in the content folder: ${named}, of trade t2.`]);
    } finally {
      await client.query(`DELETE FROM record WHERE id = 't2'`);
      await client.end();
      for (const { sha256 } of parts) await content.remove(sha256);
      await content.remove(digest);
    }
  });
});
