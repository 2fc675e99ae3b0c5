import { expect } from 'chai';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromHex } from '../../src/base/bytes.ts';
import { verifyEd25519 } from '../../src/chain/tx/signature.ts';
import { leastCost } from '../../src/client/keystore/cost.ts';
import { newKeyFile } from '../../src/client/keystore/key-file.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { dxl } from './run-dxl.ts';

describe('dxl', () => {
  let folder: string;
  let settings: Record<string, string>;
  const file = (name: string): string => path.join(folder, name);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-cli-'));
    await writeFile(file('passphrase'), 'a passphrase for tests\n');
    settings = { DXL_PASSPHRASE_FILE: file('passphrase'), DXL_API: 'http://127.0.0.1:1' };
  });
  after(() => rm(folder, { recursive: true }));

  it('explains itself, each command with an example', async () => {
    const { code, output } = await dxl(['--help']);
    expect(code).to.equal(0);
    expect(output).to.include('Exit codes:').and.include('DXL_PASSPHRASE_FILE');
    const names = [...output.matchAll(/^ {2}([a-z]+) (?:\[| {2}|<)/gm)].map(([, name]) => name!);
    expect(names).to.include.members(['key', 'submit', 'watch', 'node', 'verify', 'fsck', 'demo']);
    const helps = await Promise.all(
      names.filter((name) => name !== 'help').map((name) => dxl([name, '--help'])),
    );
    for (const help of helps) {
      expect(help.code, help.errors).to.equal(0);
      expect(help.output).to.match(/Examples?:\n {2}\$ dxl /);
    }
  });

  const wrong: readonly (readonly string[])[] = [
    ['no-such-command'],
    ['get'],
    ['get', 'trades', 'x', '--no-such-option'],
    ['get', 'trades', 'x', '--min-height', '-1'],
    ['list', 'trades', '--where', 'novalue'],
    ['submit', 'identity.admit'],
    ['submit', 'identity.admit', '--json', 'x.json'],
    ['submit', 'identity.admit', '--json', '-', '-', '--key', 'x.key'],
    ['receipt', 'abc'],
    ['status', '--api', 'ftp://example'],
    ['operations', 'identity.vanish'],
    ['key', 'new', 'x.key', '--organisation', 'Not An Id'],
    ['node', '--port', '70000'],
    ['verify', 'x', '--genesis-hash', 'zz'],
    ['prove'],
    ['prove', 'state', '--out', 'x'],
    ['prove', 'state', 'trade/x'],
    ['prove', 'inclusion', 'one', '--out', 'x'],
    ['prove', 'transaction', 'abc', '--out', 'x'],
    ['prove', 'consistency', '--out', 'x'],
    ['prove', 'consistency', '--first', '3', '--second', '2', '--out', 'x'],
    ['prove', 'checkpoint', '--out', 'x', '--genesis-hash', 'zz'],
  ];
  it(`ends with 2 for wrong arguments (${wrong.length} kinds), saying what`, async () => {
    const ends = await Promise.all(wrong.map((args) => dxl(args, settings)));
    for (const [index, { code, output, errors }] of ends.entries()) {
      expect(code, `${wrong[index]!.join(' ')}: ${errors}`).to.equal(2);
      expect(output).to.equal('');
      expect(errors)
        .to.not.match(/\n\s+at /)
        .and.not.equal('');
    }
  });

  it('ends with 3 where the exchange cannot be reached', async () => {
    const { code, errors } = await dxl(['status', '--json', '--patience', '100ms'], settings);
    expect(code).to.equal(3);
    expect(JSON.parse(errors)).to.have.nested.property('error.name', 'EXCHANGE_UNREACHABLE');
  });

  it('says that it waits for an exchange that does not answer, and for how long', async () => {
    const { code, errors } = await dxl(['status'], { ...settings, DXL_PATIENCE: '1s' });
    expect(code).to.equal(3);
    expect(errors).to.match(/^No exchange answers at .*Trying again for .* \(--patience\)\.$/m);
    const wrong = await dxl(['status', '--patience', 'long'], settings);
    expect(wrong.code).to.equal(2);
    expect(wrong.errors).to.include('90s, 2m or 1h, not long');
  });

  it('lists operations with their fields', async () => {
    const [one, all] = await Promise.all([
      dxl(['operations', 'identity.admit']),
      dxl(['operations', '--json']),
    ]);
    expect(one.output).to.match(/beneficialOwner +text, at most 200, or null/);
    const names = (JSON.parse(all.output) as { name: string }[]).map(({ name }) => name);
    expect(names).to.include.members(['identity.admit', 'trading.sign']);
  });

  it('makes a key, shows it, and never overwrites it', async function () {
    this.timeout(300_000);
    const key = file('seller.key');
    const made = await dxl(['key', 'new', key, '--organisation', 'skylark', '--json'], settings);
    expect(made.code, made.errors).to.equal(0);
    const { keyId, publicKey } = JSON.parse(made.output) as Record<string, string>;
    const shown = await dxl(['key', 'show', key, '--json']);
    expect(JSON.parse(shown.output)).to.include({ keyId, publicKey, organisationId: 'skylark' });
    const again = await dxl(['key', 'new', key], settings);
    expect(again.code).to.equal(3);
    expect(again.errors).to.include('KEY_FILE_EXISTS');
    expect(await readFile(key, 'utf8')).to.include(keyId);
    await chmod(key, 0o644);
    const open = await dxl(['key', 'show', key]);
    if (process.platform !== 'win32') expect(open.errors).to.include('KEY_FILE_PERMISSIONS');
  });

  it('writes an admission request that holds the proof of possession', async () => {
    const key = file('cheap.key');
    const options = { passphrase: 'a passphrase for tests', cost: leastCost };
    const party = await newKeyFile(key, { ...options, organisationId: 'skylark' });
    const { publicKey } = party.signingKey;
    const facts = ['--name', '云雀', '--credit-code', '91310000MA1FL0000N', '--jurisdiction', 'CN'];
    const request = ['key', 'request', key, ...facts, '--roles', 'ADMIN,SELLER', '--chain', 'c-1'];
    await writeFile(file('other'), 'another passphrase\n');
    const [asked, wrongly] = await Promise.all([
      dxl(request, settings),
      dxl(request, { ...settings, DXL_PASSPHRASE_FILE: file('other') }),
    ]);
    expect(asked.code, asked.errors).to.equal(0);
    const { chainId, command } = JSON.parse(asked.output) as {
      chainId: string;
      command: Record<string, string>;
    };
    expect(chainId).to.equal('c-1');
    expect(command).to.include({ organisationId: 'skylark', publicKey, beneficialOwner: null });
    const claim = possessionClaim('c-1', 'skylark', publicKey);
    const { possession = '' } = command;
    expect(verifyEd25519(fromHex(publicKey), claim, fromHex(possession))).to.equal(true);

    expect(wrongly.code).to.equal(3);
    expect(wrongly.errors).to.include('KEY_PASSPHRASE_WRONG');
  });

  it('asks nobody where there is no keyboard', async () => {
    const { code, errors } = await dxl(['key', 'new', file('none.key')]);
    expect(code).to.equal(2);
    expect(errors).to.include('DXL_PASSPHRASE_FILE');
  });

  it('refuses a dossier that is none, with 1', async () => {
    await writeFile(file('dossier'), '{"format":"x"}');
    const { code, output } = await dxl(['verify', file('dossier')]);
    expect(code).to.equal(1);
    expect(output)
      .to.match(/^C01 +FAILS/m)
      .and.include('The dossier FAILS');
  });

  it('shows the stack only when told to', async () => {
    const nowhere = ['key', 'show', file('absent')];
    const [plain, debugged] = await Promise.all([dxl(nowhere), dxl(nowhere, { DXL_DEBUG: '1' })]);
    expect([plain.code, debugged.code]).to.deep.equal([3, 3]);
    expect(plain.errors).to.not.match(/\n\s+at /);
    expect(debugged.errors).to.match(/\n\s+at /);
  });
});
