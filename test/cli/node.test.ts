import { expect } from 'chai';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { admissionCommand, writeAdmissionRequest } from '../../src/client/admission.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { leastCost } from '../../src/client/keystore/cost.ts';
import { newKeyFile, openKeyFile } from '../../src/client/keystore/key-file.ts';
import { organisationRecord } from '../../src/identity/state.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { dxl, startDxl, type Running } from './run-dxl.ts';

const passphrase = 'a passphrase for tests';

/** The commands against a real node, which `dxl node` runs over a database of its own. */
describe('dxl node', function () {
  this.timeout(300_000);
  let folder: string;
  let database: FreshDatabase;
  let node: Running;
  let settings: Record<string, string>;
  let operator: { key: string; passphrase: string };
  const file = (name: string): string => path.join(folder, name);

  const start = async (): Promise<void> => {
    node = startDxl(['node', '--port', '0', '--data-dir', file('data'), '--json'], {
      DATABASE_URL: database.url,
      DXL_LOG_LEVEL: 'warn',
    });
    const { url } = JSON.parse(await node.firstLine) as { url: string };
    settings = { DXL_API: url, DXL_PASSPHRASE_FILE: file('passphrase') };
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-node-'));
    database = await freshDatabase();
    await writeFile(file('passphrase'), `${passphrase}\n`);
    await start();
    const operatorFolder = path.join(folder, 'data', 'operator');
    operator = {
      key: path.join(operatorFolder, 'operator.key.json'),
      passphrase: path.join(operatorFolder, 'passphrase.txt'),
    };
  });

  after(async () => {
    node.child.kill('SIGTERM');
    await node.ended;
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('makes a development chain on an empty folder, its secrets for its owner only', async () => {
    for (const secret of [operator.key, operator.passphrase]) {
      if (process.platform !== 'win32') {
        expect((await stat(secret)).mode & 0o777, secret).to.equal(0o600);
      }
    }
    const { output } = await dxl(['status', '--json'], settings);
    expect(JSON.parse(output)).to.include({ mode: 'development' });
  });

  /** By a key that costs nothing to open. */
  async function admissionRequest(
    organisationId = 'skylark',
    key = 'a.key',
    creditCode = '91310000MA1FL0000N',
  ): Promise<string> {
    const options = { passphrase, organisationId, cost: leastCost };
    const party = await newKeyFile(file(key), options);
    const chainId = await new ExchangeClient(settings['DXL_API']!).chainId();
    const command = admissionCommand(party, chainId, {
      organisationId,
      name: '云雀',
      creditCode,
      jurisdiction: 'CN',
      beneficialOwner: null,
      roles: ['ADMIN', 'SELLER'],
    });
    return writeAdmissionRequest({ chainId, command });
  }

  it('admits an organisation, shows it, and tells who watches', async () => {
    const asOperator = { ...settings, DXL_PASSPHRASE_FILE: operator.passphrase };
    await writeFile(file('a.json'), await admissionRequest());

    const watcher = startDxl(['watch', '--after', '3', '--count', '3', '--json'], settings);
    const admit = ['submit', 'identity.admit', '--json', file('a.json'), '--key', operator.key];
    const admitted = await dxl(['--json', ...admit], asOperator);
    expect(admitted.code, admitted.errors).to.equal(0);
    const receipt = JSON.parse(admitted.output) as { envelopeId: string; height: number };
    const watched = await watcher.ended;
    expect(
      watched.output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { name: string }).name),
    ).to.deep.equal(['identity.admitted', 'identity.credit-code-claimed', 'identity.key-added']);

    const minHeight = ['--min-height', String(receipt.height)];
    const [shown, listed, found, missing, again] = await Promise.all([
      dxl(['get', 'organisations', 'skylark', ...minHeight], settings),
      dxl(['list', 'organisations', '--where', 'name=云雀', '--all', '--json'], settings),
      dxl(['receipt', receipt.envelopeId, '--json'], settings),
      dxl(['get', 'organisations', 'nobody'], settings),
      dxl(admit, asOperator),
    ]);
    expect(shown.output).to.match(/^id +skylark\nstate +ACTIVE\nname +云雀\n/);
    expect(JSON.parse(listed.output)).to.have.nested.property('data[0].id', 'skylark');
    expect(JSON.parse(listed.output)).to.have.property('data').with.length(1);
    expect(JSON.parse(found.output)).to.have.nested.property(
      'operations[0].name',
      'identity.admit',
    );
    expect(missing.code).to.equal(1);
    expect(again.code).to.equal(1);
    expect(again.errors)
      .to.match(/^ORGANISATION_EXISTS \(1000\)/)
      .and.include('What to do: ');
    expect(again.errors).to.not.match(/\n\s+at /);
  });

  it('serves the client: typed records, stored content by signed requests, proofs', async () => {
    const client = new ExchangeClient(settings['DXL_API']!);
    const party = await openKeyFile(file('a.key'), passphrase);
    expect(await client.read(organisationRecord, 'skylark')).to.include({
      id: 'skylark',
      encryptionKey: party.encryptionKey,
    });
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index & 0xff);
    const digest = await client.putBlob(party, bytes);
    await writeFile(file('blob'), bytes);
    expect(await client.putBlob(party, { file: file('blob') })).to.equal(digest);
    expect(await client.getBlob(party, digest)).to.deep.equal(bytes);
    await client.saveBlob(party, digest, file('saved'));
    expect(new Uint8Array(await readFile(file('saved')))).to.deep.equal(bytes);
    const proved = await client.prove({ logIndexes: [0, 1] });
    expect(proved.leaves.map(({ logIndex }) => logIndex)).to.deep.equal([0, 1]);
    expect((await client.checkpoint()).headerBytes).to.equal(proved.checkpoint.header);
    expect(
      (await client.events({ kind: 'organisation' })).data.map(({ recordId }) => recordId),
    ).to.deep.equal(['operator', 'skylark']);
  });

  it('proves what it holds, in files that verify without it', async () => {
    const prove = (name: string, ...args: string[]) =>
      dxl(['prove', ...args, '--out', file(name)], settings);
    const kept = await prove('kept.json', 'checkpoint');
    expect(kept.code, kept.errors).to.equal(0);
    const operatorKey = JSON.parse(await readFile(operator.key, 'utf8')) as { keyId: string };
    await writeFile(
      file('b.json'),
      await admissionRequest('linnet', 'b.key', '91310000MA1FL0001R'),
    );
    const admit = ['submit', 'identity.admit', '--json', file('b.json'), '--key', operator.key];
    const asOperator = { ...settings, DXL_PASSPHRASE_FILE: operator.passphrase };
    const admitted = await dxl(['--json', ...admit], asOperator);
    expect(admitted.code, admitted.errors).to.equal(0);
    const { envelopeId } = JSON.parse(admitted.output) as { envelopeId: string };

    const since = ['--since', file('kept.json')];
    const [state, leaves, transaction, grown, unknown] = await Promise.all([
      prove('state.json', 'state', 'organisation/linnet', 'licence/none', ...since),
      prove('leaves.json', 'inclusion', '0', '1'),
      prove('transaction.json', 'transaction', envelopeId),
      prove('grown.json', 'consistency', ...since),
      prove('unknown.json', 'state', 'organisations/linnet'),
    ]);
    expect(state.output)
      .to.match(/HOLDS +organisation\/linnet is there, with this value\n[^]*name +云雀/)
      .and.match(/HOLDS +Nothing stands at licence\/none/)
      .and.match(/P06 +HOLDS/);
    expect(leaves.output).to.match(/L1 +HOLDS +Leaf 1 stands in the log/);
    expect(transaction.output).to.include(`receipt of envelope ${envelopeId}`);
    expect(grown.output).to.match(/E\d+ +HOLDS .* is the beginning of this one/);
    expect([unknown.code, unknown.errors]).to.satisfy(
      ([code, errors]: [number, string]) => code === 1 && errors.startsWith('STATE_KEY_UNKNOWN'),
    );

    const verify = (name: string, ...args: string[]) => dxl(['verify', file(name), ...args]);
    const [whole, sinceKept, exact, other, foreign, asJson, taken] = await Promise.all([
      verify('state.json', '--strict'),
      verify('grown.json', ...since),
      verify('kept.json', '--checkpoint', file('kept.json')),
      verify('grown.json', '--checkpoint', file('kept.json')),
      verify('state.json', '--genesis-hash', operatorKey.keyId),
      verify('leaves.json', '--json'),
      prove('kept.json', 'checkpoint'),
    ]);
    expect([whole.code, sinceKept.code, exact.code], whole.output).to.deep.equal([0, 0, 0]);
    expect([other.code, foreign.code, taken.code]).to.deep.equal([1, 1, 2]);
    expect(other.output).to.match(/P03 +FAILS/);
    expect(foreign.output).to.match(/P02 +FAILS[^]*The proof FAILS/);
    expect(JSON.parse(asJson.output)).to.include({ outcome: 'HOLDS', notShown: 0 });

    const bytes = await readFile(file('state.json'));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file('changed.json'), bytes);
    expect((await verify('changed.json')).code).to.equal(1);
    expect((await verify('state.json', '--since', file('b.json'))).code).to.equal(2);
  });

  it('sends several files at once, and says what became of each', async () => {
    const asOperator = { ...settings, DXL_PASSPHRASE_FILE: operator.passphrase };
    const reasoned = (organisationId: string) => ({ organisationId, reason: 'a test' });
    const commands = [reasoned('skylark'), reasoned('nobody-at-all')];
    const files = commands.map((_, at) => file(`suspend-${at}.json`));
    for (const [at, command] of commands.entries()) {
      await writeFile(files[at]!, JSON.stringify(command));
    }
    const suspend = ['submit', 'identity.suspend', '--json', ...files, '--key', operator.key];
    const { code, output, errors } = await dxl(['--json', ...suspend], asOperator);
    expect(code, errors).to.equal(1);
    expect(errors).to.include('Applied: 1 of 2 envelopes');
    const [first, second] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, { resultCode: number; name: string }>);
    expect(first).to.deep.include({ file: files[0] });
    expect(first!['receipt']!.resultCode).to.equal(0);
    expect(second!['error']!.name).to.equal('ORGANISATION_NOT_FOUND');
    const reinstate = ['submit', 'identity.reinstate', '--key', operator.key, '--json', files[0]!];
    const shown = await dxl([...reinstate, files[1]!], asOperator);
    expect(shown.code).to.equal(1);
    expect(shown.output).to.match(/suspend-0\.json\n {2}result +OK\n/);
    expect(shown.output).to.match(/suspend-1\.json\n {2}ORGANISATION_NOT_FOUND/);
  });

  it('is audited by fsck beside the running node', async () => {
    const audited = await dxl(['fsck', '--data-dir', file('data'), '--json'], {
      DATABASE_URL: database.url,
    });
    expect(audited.code, audited.errors).to.equal(0);
    expect(JSON.parse(audited.output)).to.include({ sound: true, findingCount: 0 });
  });

  it('is followed by a witness, whose cosignature it counts after a restart', async () => {
    const dir = ['--dir', file('witness')];
    const made = await dxl(['witness', 'init', '--name', 'witness.example/w1', ...dir, '--json']);
    const { key } = JSON.parse(made.output) as { key: string };
    const url = settings['DXL_API'] ?? '';
    const wrong = await dxl(['witness', 'follow', url, '--genesis-hash', '00'.repeat(32), ...dir]);
    expect(wrong.errors).to.include('LOG_OTHER_GENESIS');
    const followed = await dxl(['witness', 'follow', url, ...dir, '--json']);
    expect(JSON.parse(followed.output)).to.include({ claimed: true });
    const { height } = JSON.parse((await dxl(['status', '--json'], settings)).output) as {
      height: number;
    };
    await writeFile(file('data/witnesses'), `witness w1 ${key}\nquorum w1\n`);
    node.child.kill('SIGTERM');
    await node.ended;
    await start();
    // The node's address is a new one.
    await dxl(['witness', 'follow', settings['DXL_API'] ?? '', ...dir]);
    expect((await readFile(file('witness/logs'), 'utf8')).trim().split('\n')).to.have.length(1);
    const before = await dxl(['status', '--json'], settings);
    expect(JSON.parse(before.output)).to.have.nested.property('witnessed.height', 0);
    const once = await dxl(['witness', 'run', '--once', ...dir]);
    expect(once.code, once.errors).to.equal(0);
    expect(once.output).to.include('and brought it back');
    const after = await dxl(['status', '--json'], settings);
    expect(JSON.parse(after.output)).to.have.nested.property('witnessed.height', height);
    const shown = await dxl(['witness', 'status', ...dir]);
    expect(shown.output).to.match(/followed\n$/);
  });

  it('stops at SIGTERM with 0, and goes on with the same chain', async () => {
    const before = JSON.parse((await dxl(['status', '--json'], settings)).output) as object;
    node.child.kill('SIGTERM');
    const ended = await node.ended;
    expect(ended.code, ended.errors).to.equal(0);
    await start();
    const after = JSON.parse((await dxl(['status', '--json'], settings)).output) as object;
    for (const name of ['chainId', 'height', 'appHash'] as const) {
      expect(after).to.have.property(name, (before as Record<string, unknown>)[name]);
    }
  });
});
