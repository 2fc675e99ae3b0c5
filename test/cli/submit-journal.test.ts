/** `dxl submit` is killed, cut off or kept from writing: what it signed takes effect once. */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../src/base/hash.ts';
import { success } from '../../src/base/result.ts';
import { signEnvelope } from '../../src/chain/tx/envelope.ts';
import { leastCost } from '../../src/client/keystore/cost.ts';
import { newKeyFile } from '../../src/client/keystore/key-file.ts';
import type { Party } from '../../src/client/party.ts';
import { defaultSubmit } from '../../src/client/submitter.ts';
import { tryHoldFolder, type FolderHold } from '../../src/node/folder-hold.ts';
import {
  admission,
  genesis,
  keyOf,
  openExchange,
  sign,
  type TestExchange,
} from '../api/exchange.ts';
import { openLossyProxy, type Loss, type LossyProxy } from '../support/lossy-proxy.ts';
import { dxl, program, startDxl, type Ended, type Running } from './run-dxl.ts';

const passphrase = 'a passphrase for tests';
const { chainId } = genesis;

describe('dxl submit keeps what it signs until its end was told', function () {
  this.timeout(300_000);
  let folder: string;
  let key: string;
  let operator: Party;
  let exchange: TestExchange;
  let url: string;
  let proxy: LossyProxy;
  let settings: Record<string, string>;
  /** What the proxy does to a request that submits; and while it holds an answer back. */
  let onPost: () => Loss | null;
  let onAnswer: () => Promise<void>;
  const file = (name: string): string => path.join(folder, name);
  const journal = (): string => path.join(`${key}.sent`, chainId);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-journal-'));
    await writeFile(file('passphrase'), `${passphrase}\n`);
    key = file('operator.key');
    operator = await newKeyFile(key, { passphrase, cost: leastCost });
    const { publicKey } = operator.signingKey;
    // A chain that allows an envelope less than the client would ask for.
    expect(genesis.parameters.expirySpanMax).to.be.lessThan(defaultSubmit.expiryBlocks);
    const document = { ...genesis, operator: { ...genesis.operator, publicKey } };
    const blockSigner = keyOf('block signer');
    const verifyProof = () => success;
    const chain = { genesis: document, blockSigner, nowMs: Date.now, verifyProof };
    exchange = await openExchange({ chain, projects: false });
    url = await exchange.serve();
    const draw = (): Loss | null => onPost();
    proxy = await openLossyProxy({ target: () => url, draw, expire: () => onAnswer() });
    settings = { DXL_API: url, DXL_PASSPHRASE_FILE: file('passphrase') };
    const envelope = sign(exchange, operator.signingKey, [admission('plover', keyOf('plover'))]);
    expect((await exchange.engine.submit(envelope)).ok).to.equal(true);
  });
  after(async () => {
    await proxy.close();
    await exchange.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    onPost = () => null;
    onAnswer = () => Promise.resolve();
  });

  /** Operations that are applied as often as they are signed. */
  async function commandFile(reason: string): Promise<string> {
    const name = file(`${reason}.json`);
    const standing = { organisationId: 'plover', reason };
    const operations = ['identity.suspend', 'identity.reinstate'].map((operation) => ({
      operation,
      command: standing,
    }));
    await writeFile(name, JSON.stringify(operations));
    return name;
  }
  const submit = async (reason: string, own: Record<string, string> = {}): Promise<Ended> =>
    dxl(['submit', '--json', await commandFile(reason), '--key', key], { ...settings, ...own });
  const start = async (reason: string, own: Record<string, string> = {}): Promise<Running> =>
    startDxl(['submit', '--json', await commandFile(reason), '--key', key], {
      ...settings,
      ...own,
    });

  /** Envelopes of a reason that took effect, by the ledger's own rows. */
  async function applied(reason: string): Promise<number> {
    const hex = Buffer.from(reason).toString('hex');
    const rows = await exchange.query(
      `SELECT 1 FROM envelope WHERE result_code = 0
       AND position('${hex}' IN encode(bytes, 'hex')) > 0`,
    );
    return rows.length;
  }
  const kept = async (): Promise<string[]> =>
    (await readdir(journal())).filter((name) => name !== 'lock').sort();

  /** A command whose process is killed as told; its envelope stays. */
  async function killed(reason: string, loss: Loss): Promise<string> {
    let running: Running | null = null;
    const kill = async (): Promise<void> => {
      running?.child.kill('SIGKILL');
      await running?.ended;
    };
    let atPost: string[] = [];
    onPost = () => {
      if (loss === 'drop request') running?.child.kill('SIGKILL');
      return loss;
    };
    onAnswer = async () => {
      atPost = await kept();
      await kill();
    };
    running = await start(reason, { DXL_API: proxy.url });
    const { code, output } = await running.ended;
    expect([code, output]).to.deep.equal([null, '']);
    const left = await kept();
    expect(left).to.have.length(1);
    if (loss !== 'drop request') expect(atPost).to.deep.equal(left);
    return left[0]!;
  }

  it('leaves nothing behind where its receipt was shown', async () => {
    const { code, output, errors } = await submit('plainly');
    expect(code, errors).to.equal(0);
    expect(output).to.match(/^result +OK\n/);
    expect(await kept()).to.deep.equal([]);
    expect(await applied('plainly')).to.equal(1);
  });

  it('keeps the bytes that it sends, of mode 0600, on the disk before the first of them goes', async () => {
    let seen: { name: string; bytes: Buffer; mode: number }[] = [];
    onPost = () => 'late request';
    onAnswer = async () => {
      seen = await Promise.all(
        (await kept()).map(async (name) => {
          const at = path.join(journal(), name);
          return { name, bytes: await readFile(at), mode: (await stat(at)).mode & 0o777 };
        }),
      );
      onPost = () => null;
    };
    const { code, output } = await submit('seen', { DXL_API: proxy.url });
    expect(code).to.equal(0);
    const [one, ...others] = seen;
    expect(others).to.deep.equal([]);
    expect(output).to.include(sha256Hex(one!.bytes));
    expect(one!.name).to.equal(`${sha256Hex(one!.bytes)}.cose`);
    if (process.platform !== 'win32') expect(one!.mode).to.equal(0o600);
  });

  const moments: readonly (readonly [string, Loss])[] = [
    ['before its request comes to the exchange', 'drop request'],
    ['when its request has come and nothing is done yet', 'late request'],
    ['when its envelope stands in a block and the answer is on its way', 'late answer'],
  ];
  for (const [at, [when, loss]] of moments.entries()) {
    it(`is killed ${when}: the same command again gets the one receipt, a third is a second effect`, async () => {
      const reason = `kill-${at}`;
      const name = await killed(reason, loss);
      const again = await submit(reason);
      expect(again.code, again.errors).to.equal(0);
      expect(again.output).to.include(name.slice(0, 64));
      expect(again.errors)
        .to.include('An earlier identity.suspend, identity.reinstate, signed at ')
        .and.include('Nothing was signed again. To do it once more, run the command once more.');
      expect(await applied(reason)).to.equal(1);
      expect(await kept()).to.deep.equal([]);
      const more = await submit(reason);
      expect(more.errors).to.equal('Applied: identity.suspend, identity.reinstate\n');
      expect(await applied(reason)).to.equal(2);
    });
  }

  it('tells of it before another command does what it is for, and marks its receipt in JSON', async () => {
    const name = await killed('other-1', 'late answer');
    const other = await submit('other-2');
    expect(other.code, other.errors).to.equal(0);
    expect(other.errors).to.include(' was applied:\n').and.include(name.slice(0, 64));
    expect(other.output).to.not.include(name.slice(0, 64));
    expect([await applied('other-1'), await applied('other-2')]).to.deep.equal([1, 1]);

    const second = await killed('other-3', 'drop request');
    const again = await dxl(
      ['--json', 'submit', '--json', file('other-3.json'), '--key', key],
      settings,
    );
    expect(JSON.parse(again.output)).to.include({
      envelopeId: second.slice(0, 64),
      resultName: 'OK',
      earlier: true,
    });
  });

  it('does of several files what was not done', async () => {
    const files = await Promise.all(['many-1', 'many-2', 'many-3'].map(commandFile));
    await killed('many-2', 'late answer');
    const all = ['--json', 'submit', '--json', ...files, '--key', key];
    const { code, output, errors } = await dxl(all, settings);
    expect(code, errors).to.equal(0);
    const lines = output.trim().split('\n');
    const marks = lines.map((line) => (JSON.parse(line) as { earlier?: boolean }).earlier ?? false);
    expect(marks).to.deep.equal([false, true, false]);
    for (const reason of ['many-1', 'many-2', 'many-3']) expect(await applied(reason)).to.equal(1);
    expect(await kept()).to.deep.equal([]);
  });

  it('keeps what it has done where nobody reads it', async () => {
    const running = await start('unread');
    running.child.stdout?.destroy();
    await running.ended;
    const again = await submit('unread');
    expect(again.code, again.errors).to.equal(0);
    expect(again.errors).to.include('Nothing was signed again.');
    expect(await applied('unread')).to.equal(1);
  });

  it('signs nothing else while the end of it is unknown, and says where it is', async () => {
    const name = await killed('open', 'drop request');
    onPost = () => 'drop request';
    const own = { DXL_API: proxy.url, DXL_PATIENCE: '300ms' };
    const other = await submit('open-other', own);
    expect(other.code).to.equal(3);
    expect(other.errors)
      .to.include('SUBMISSION_UNKNOWN')
      .and.include('Nothing else was signed.')
      .and.include(journal())
      .and.include('dxl sent --key FILE --give-up');
    expect(await kept()).to.deep.equal([name]);
    expect(await applied('open-other')).to.equal(0);
    await submit('open');
    expect(await applied('open')).to.equal(1);
  });

  it('waits for another command with its key, and says who it is where that takes too long', async () => {
    const hold = (await tryHoldFolder(journal(), 'submit')) as FolderHold;
    const early = await submit('in-turn', { DXL_PATIENCE: '200ms' });
    expect(early.code).to.equal(3);
    expect(early.errors)
      .to.include('KEY_IN_USE')
      .and.include(`another \`dxl submit\` (process ${process.pid})`);
    const waiting = await start('in-turn');
    await new Promise<void>((resolve) => {
      waiting.child.stderr?.on('data', (piece: Buffer) => {
        if (piece.toString().includes('Waiting for another')) resolve();
      });
    });
    await hold.release();
    expect((await waiting.ended).code).to.equal(0);
    const both = await Promise.all([submit('at-once-1'), submit('at-once-2')]);
    expect(both.map(({ code }) => code)).to.deep.equal([0, 0]);
    expect(await applied('in-turn')).to.equal(1);
  });

  it('sends nothing where it cannot keep, and names the setting that helps', async () => {
    const other = file('kept-elsewhere.key');
    await cp(key, other);
    await writeFile(`${other}.sent`, 'a file is in the way of the folder');
    const args = ['submit', '--json', await commandFile('nowhere'), '--key', other];
    const refused = await dxl(args, settings);
    expect(refused.code).to.equal(3);
    expect(refused.errors)
      .to.include('JOURNAL_UNWRITABLE')
      .and.include('Nothing was sent.')
      .and.include('DXL_SENT_DIR');
    expect(await applied('nowhere')).to.equal(0);
    const helped = await dxl(args, { ...settings, DXL_SENT_DIR: file('sent') });
    expect(helped.code, helped.errors).to.equal(0);
    const { keyId } = operator.signingKey;
    expect(await readdir(path.join(file('sent'), `${keyId}.sent`))).to.deep.equal([chainId]);
  });

  it('sends nothing where the disk takes no more', async function () {
    if (process.platform === 'win32') this.skip();
    const { code, errors } = await withoutFileSize([
      ...['submit', '--json', await commandFile('full'), '--key', key],
    ]);
    expect(code, errors).to.equal(3);
    expect(errors).to.include('JOURNAL_UNWRITABLE').and.include('Nothing was sent.');
    expect(await kept()).to.deep.equal([]);
    expect(await applied('full')).to.equal(0);
    expect((await submit('full')).errors).to.equal(
      'Applied: identity.suspend, identity.reinstate\n',
    );
  });

  /** `dxl` in a process whose files may not grow, as on a full disk. */
  const withoutFileSize = (args: readonly string[]) =>
    new Promise<{ code: number | null; errors: string }>((resolve) => {
      const limited = ['-c', 'ulimit -f 0 && exec "$0" "$@"', process.execPath, program];
      const env = { PATH: process.env['PATH'] ?? '', ...settings };
      execFile('sh', [...limited, ...args], { env }, (error, _output, errors) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, errors });
      });
    });

  it('signs nothing beside a file that is not of this key and chain, and leaves it', async () => {
    const content = { sequence: 1, expiryHeight: 9, operations: [{ number: 104, command: [] }] };
    const bytes = signEnvelope(chainId, keyOf('plover'), content);
    const at = path.join(journal(), `${sha256Hex(bytes)}.cose`);
    await writeFile(at, bytes, { mode: 0o600 });
    const { code, errors } = await submit('damaged');
    expect(code, errors).to.equal(3);
    expect(errors).to.include('JOURNAL_DAMAGED').and.include(at).and.include('dxl receipt ');
    expect(await readFile(at)).to.deep.equal(Buffer.from(bytes));
    await rm(at);
    expect(await applied('damaged')).to.equal(0);
  });

  it('does not mind what a kill before the end of keeping has left, nor another chain', async () => {
    await writeFile(path.join(journal(), `${'ab'.repeat(32)}.new`), 'half');
    const elsewhere = path.join(`${key}.sent`, 'another-chain');
    await mkdir(elsewhere);
    const content = { sequence: 1, expiryHeight: 9, operations: [{ number: 104, command: [] }] };
    const bytes = signEnvelope('another-chain', operator.signingKey, content);
    await writeFile(path.join(elsewhere, `${sha256Hex(bytes)}.cose`), bytes);
    expect((await submit('beside')).code).to.equal(0);
    expect(await kept()).to.deep.equal([]);
    const shown = await dxl(['sent', '--key', key, '--json']);
    expect(JSON.parse(shown.output)).to.deep.include.members([
      {
        chainId: 'another-chain',
        envelope: sha256Hex(bytes),
        operations: 'identity.suspend',
        ...{ sequence: 1, expiryHeight: 9 },
        file: path.join(elsewhere, `${sha256Hex(bytes)}.cose`),
        signedAtMs: Math.floor(
          (await stat(path.join(elsewhere, `${sha256Hex(bytes)}.cose`))).mtimeMs,
        ),
      },
    ]);
    await rm(elsewhere, { recursive: true });
  });

  describe('dxl sent --give-up', () => {
    const giveUp = (): Promise<Ended> => dxl(['sent', '--key', key, '--give-up'], settings);

    it('shows the receipt of what was applied, and forgets it', async () => {
      const name = await killed('given-up-late', 'late answer');
      const { code, output } = await giveUp();
      expect(code).to.equal(0);
      expect(output)
        .to.match(/^result +OK\n/)
        .and.include(name.slice(0, 64));
      expect(await kept()).to.deep.equal([]);
      expect(await applied('given-up-late')).to.equal(1);
    });

    it('keeps what may still be taken, and forgets it when the chain has passed its expiry', async () => {
      const content = (sequence: number, expiryHeight: number) => ({
        ...{ sequence, expiryHeight },
        operations: [{ number: 104, command: ['plover', 'never sent'] }],
      });
      const { height } = exchange.engine.status();
      const next = exchange.machine.nextSequence(operator.signingKey.keyId);
      const [late, open] = [height, height + 500].map((expiryHeight, at) =>
        signEnvelope(chainId, operator.signingKey, content(next + at, expiryHeight)),
      );
      for (const bytes of [late!, open!]) {
        await writeFile(path.join(journal(), `${sha256Hex(bytes)}.cose`), bytes, { mode: 0o600 });
      }
      const listed = await dxl(['sent', '--key', key]);
      expect(listed.output).to.include(sha256Hex(late!)).and.include(sha256Hex(open!));
      const { code, output, errors } = await giveUp();
      expect(code).to.equal(3);
      expect(output).to.include(sha256Hex(late!)).and.include('it never takes effect');
      expect(errors)
        .to.include('ENVELOPE_OPEN')
        .and.include(`up to height ${height + 500}`);
      expect(await kept()).to.deep.equal([`${sha256Hex(open!)}.cose`]);
      // Nothing was sent: it is the next command that sees it to its end.
      expect(exchange.machine.nextSequence(operator.signingKey.keyId)).to.equal(next);
      await rm(path.join(journal(), `${sha256Hex(open!)}.cose`));
    });
  });
});
