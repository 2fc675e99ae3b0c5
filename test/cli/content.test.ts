/** `dxl content`: files of one part and of several, put, fetched, gone on with, refused. */
import { expect } from 'chai';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { describeFile } from '../../src/client/content-file/describe.ts';
import { openKeyFile } from '../../src/client/keystore/key-file.ts';
import { partBytes } from '../../src/content/manifest.ts';
import { admission, openExchange, operator, sign, type TestExchange } from '../api/exchange.ts';
import { dxl } from './run-dxl.ts';

describe('dxl content', function () {
  this.timeout(300_000);
  let exchange: TestExchange;
  let folder = '';
  let settings: Record<string, string> = {};
  const at = (name: string): string => path.join(folder, name);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-content-cli-'));
    const passphrase = 'a passphrase for tests';
    await writeFile(at('passphrase'), `${passphrase}\n`);
    exchange = await openExchange();
    settings = { DXL_PASSPHRASE_FILE: at('passphrase'), DXL_API: await exchange.serve() };
    for (const name of ['sender', 'stranger']) {
      const made = await dxl(['key', 'new', at(name), '--organisation', name], settings);
      expect(made.code, made.errors).to.equal(0);
      const { signingKey } = await openKeyFile(at(name), passphrase);
      const admitted = sign(exchange, operator, [admission(name, signingKey)]);
      await exchange.engine.submit(admitted);
    }
  });

  after(async () => {
    await exchange.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (name: string, ...args: string[]) =>
    dxl(['content', ...args, '--key', at(name)], settings);

  it('puts a file and gets it by its digest, of one part', async () => {
    await writeFile(at('small'), 'small content');
    const put = await run('sender', 'put', at('small'), '--json');
    expect(put.code, put.errors).to.equal(0);
    const { digest } = JSON.parse(put.output) as { digest: string };
    expect(digest).to.equal(sha256Hex(utf8('small content')));
    const got = await run('sender', 'get', digest, '--to', at('small again'));
    expect(got.code, got.errors).to.equal(0);
    expect(got.output).to.include(digest);
    expect(await readFile(at('small again'), 'utf8')).to.equal('small content');
  });

  it('of several parts, and leaves nothing beside them', async () => {
    const handle = await open(at('large'), 'w');
    await handle.truncate(partBytes + 1000);
    await handle.write(utf8('the beginning'), 0, 13, 0).finally(() => handle.close());
    const put = await run('sender', 'put', at('large'), '--json');
    expect(put.code, put.errors).to.equal(0);
    const { digest } = JSON.parse(put.output) as { digest: string };
    expect(digest).to.equal((await describeFile(at('large'))).digest);
    const got = await run('sender', 'get', digest, '--to', at('large again'), '--json');
    expect(got.code, got.errors).to.equal(0);
    expect((await describeFile(at('large again'))).digest).to.equal(digest);
    expect((await readdir(folder)).filter((name) => name.includes('.dxl-'))).to.deep.equal([]);
  });

  it('refuses a stranger, another’s record and what is not there with 1, with what to do', async () => {
    const digest = sha256Hex(utf8('small content'));
    const stolen = await run('stranger', 'get', digest, '--to', at('stolen'));
    expect(stolen.code).to.equal(1);
    expect(stolen.errors).to.include('NOT_FOUND').and.include('What to do:');
    const about = await run('stranger', 'put', at('small'), '--about', 'trade/no-such-trade');
    expect(about.code).to.equal(1);
    expect(about.errors).to.include('CONTENT_NOT_NEEDED').and.include('What to do:');
    expect(await readdir(folder)).to.not.include('stolen');
  });

  it('overwrites nothing, and tells a file that cannot be read, before anything is sent', async () => {
    const digest = sha256Hex(utf8('small content'));
    const taken = await run('sender', 'get', digest, '--to', at('small'));
    expect(taken.code).to.equal(2);
    expect(taken.errors).to.include('FILE_EXISTS').and.include(at('small'));
    const absent = await run('sender', 'put', at('absent'));
    expect(absent.code).to.equal(3);
    expect(absent.errors).to.include('FILE_UNREADABLE').and.include(at('absent'));
    await writeFile(at('empty'), '');
    const empty = await run('sender', 'put', at('empty'));
    expect(empty.errors).to.include('CONTENT_TOO_LARGE');
  });
});
