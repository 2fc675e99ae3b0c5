/** `dxl key`: keys are replaced, revoked and recovered by people, on a ledger of machine version 2. */
import { expect } from 'chai';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { utf8 } from '../../src/base/bytes.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { success } from '../../src/base/result.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { leastCost } from '../../src/client/keystore/cost.ts';
import { newKeyFile, openKeyFile } from '../../src/client/keystore/key-file.ts';
import type { Party } from '../../src/client/party.ts';
import { openSealed, sealTo } from '../../src/client/sealing.ts';
import { keyRecord, organisationRecord, recoveryRecord } from '../../src/identity/state.ts';
import { genesis, keyOf, openExchange, type TestExchange } from '../api/exchange.ts';
import { creditCodeOf } from '../support/credit-code.ts';
import { openLossyProxy, type Loss, type LossyProxy } from '../support/lossy-proxy.ts';
import { claimKey } from '../../src/client/possession.ts';
import { dxl, type Ended } from './run-dxl.ts';

const passphrase = 'a passphrase for tests';
const { chainId } = genesis;

describe('dxl key', function () {
  this.timeout(300_000);
  let folder: string;
  let exchange: TestExchange;
  let client: ExchangeClient;
  let operator: Party;
  let proxy: LossyProxy;
  let settings: Record<string, string>;
  let lose: () => Loss | null = () => null;
  let aheadMs = 0;
  const file = (name: string): string => path.join(folder, name);
  const run = (...args: string[]): Promise<Ended> => dxl(args, settings);
  const opened = (name: string): Promise<Party> => openKeyFile(file(name), passphrase);
  const organisation = async (id: string) => {
    await exchange.settle();
    return client.read(organisationRecord, id);
  };
  const stateOfKey = async ({ signingKey }: Party) => {
    await exchange.settle();
    return (await client.read(keyRecord, signingKey.keyId)).state;
  };

  /** An organisation with one key file, NAME.key. */
  async function admit(name: string): Promise<Party> {
    const party = await newKeyFile(file(`${name}.key`), {
      ...{ passphrase, organisationId: name, cost: leastCost },
    });
    const command = {
      ...{ organisationId: name, name, creditCode: creditCodeOf(name), jurisdiction: 'CN' },
      ...{ beneficialOwner: null, roles: ['ADMIN', 'SELLER'] },
      ...{ encryptionKey: party.encryptionKey, ...claimKey(party, chainId, name) },
    };
    await client.submit(operator, [{ name: 'identity.admit', command }]);
    return party;
  }

  async function untilPassed(timeMs: number): Promise<void> {
    aheadMs = Math.max(aheadMs, timeMs - Date.now());
    const height = () => exchange.engine.status().height;
    for (const before = height(); height() < before + 2;) {
      const reason = `block after ${height()}`;
      const standing = { organisationId: 'nobody', reason };
      const nothing = { name: 'identity.suspend', command: standing };
      await client.submit(operator, [nothing]).catch(() => undefined);
    }
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-keys-'));
    await writeFile(file('passphrase'), `${passphrase}\n`, { mode: 0o600 });
    operator = await newKeyFile(file('operator.key'), {
      ...{ passphrase, organisationId: 'the-exchange', cost: leastCost },
    });
    const { publicKey } = operator.signingKey;
    const document = { ...genesis, operator: { ...genesis.operator, publicKey } };
    const nowMs = (): number => Date.now() + aheadMs;
    exchange = await openExchange({
      chain: {
        ...{ genesis: document, blockSigner: keyOf('block signer'), nowMs },
        verifyProof: () => success,
      },
    });
    const url = await exchange.serve();
    proxy = await openLossyProxy({
      target: () => url,
      draw: () => lose(),
      expire: () => Promise.resolve(),
    });
    settings = { DXL_API: proxy.url, DXL_PASSPHRASE_FILE: file('passphrase') };
    client = new ExchangeClient(url);
    const proposal = {
      ...{ proposalId: 'raise-2', kind: 'MACHINE_VERSION', value: 2, digest: null },
      ...{ notBeforeHeight: 0, reason: 'docs/chain.md' },
    };
    await client.submit(operator, [{ name: 'governance.propose', command: proposal }]);
    await untilPassed(Date.now() + 60_000);
  });
  after(async () => {
    await proxy.close();
    await exchange.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    lose = () => null;
  });

  describe('rotate', () => {
    it('replaces what signs and what is sealed to; the new file opens what was sealed before', async () => {
      const old = await admit('skylark');
      const box = sealTo(old.encryptionKey, utf8('a secret of before'));
      const ended = await run('key', 'rotate', file('skylark.key'), file('skylark-2.key'));
      expect(ended.code, ended.errors).to.equal(0);
      expect(ended.output).to.match(/^result +OK\n/);
      expect(ended.errors).to.contain('signs nothing any more');
      const next = await opened('skylark-2.key');
      expect(await stateOfKey(old)).to.equal('REVOKED');
      expect(await stateOfKey(next)).to.equal('ACTIVE');
      expect((await organisation('skylark')).encryptionKey).to.equal(next.encryptionKey);
      expect(next.encryptionKey).to.not.equal(old.encryptionKey);
      expect(openSealed(next, box)).to.deep.equal(utf8('a secret of before'));
      expect((await stat(file('skylark-2.key'))).mode & 0o777).to.equal(0o600);
    });

    it('can be done again and again: every file opens what was sealed to any before it', async () => {
      const old = await opened('skylark-2.key');
      const ended = await run('key', 'rotate', file('skylark-2.key'), file('skylark-3.key'));
      expect(ended.code, ended.errors).to.equal(0);
      const next = await opened('skylark-3.key');
      expect(next.earlierEncryptionKeys).to.deep.equal([
        old.encryptionKey,
        ...old.earlierEncryptionKeys,
      ]);
      const shown = await run('key', 'show', file('skylark-3.key'), '--json');
      expect(JSON.parse(shown.output)).to.include({ keyId: next.signingKey.keyId });
    });

    it('says that nothing is left to do where it is done', async () => {
      const ended = await run('key', 'rotate', file('skylark-2.key'), file('skylark-3.key'));
      expect(ended.code, ended.errors).to.equal(0);
      expect(ended.errors).to.contain('nothing is left to do');
    });

    it('goes on where it was cut off: before it was sent, and before its receipt came', async () => {
      for (const loss of ['drop request', 'drop answer'] as const) {
        const name = loss.replace(' ', '-');
        const old = await admit(name);
        lose = () => loss;
        const cut = ['key', 'rotate', file(`${name}.key`), file(`${name}-2.key`)];
        const first = await dxl([...cut, '--patience', '1s'], settings);
        expect(first.code, loss).to.not.equal(0);
        lose = () => null;
        const made = await readFile(file(`${name}-2.key`));
        const second = await run(...cut);
        expect(second.code, second.errors).to.equal(0);
        expect(await readFile(file(`${name}-2.key`))).to.deep.equal(made);
        expect(await stateOfKey(old)).to.equal('REVOKED');
        expect(await stateOfKey(await opened(`${name}-2.key`))).to.equal('ACTIVE');
      }
    });

    it('leaves what is sealed to with --signing-only', async () => {
      const old = await admit('plover');
      const ended = await run(
        ...['key', 'rotate', file('plover.key'), file('plover-2.key'), '--signing-only'],
      );
      expect(ended.code, ended.errors).to.equal(0);
      const next = await opened('plover-2.key');
      expect(next.encryptionKey).to.equal(old.encryptionKey);
      expect((await organisation('plover')).encryptionKey).to.equal(old.encryptionKey);
      expect(await stateOfKey(next)).to.equal('ACTIVE');
    });

    it('makes nothing for a key that is revoked, unknown, or not what is sealed to', async () => {
      await newKeyFile(file('unknown.key'), { passphrase, cost: leastCost });
      const clerk = await newKeyFile(file('clerk.key'), {
        ...{ passphrase, organisationId: 'plover', cost: leastCost },
      });
      const command = { roles: ['SELLER'], ...claimKey(clerk, chainId, 'plover') };
      const admin = await opened('plover-2.key');
      await client.submit(admin, [{ name: 'identity.add-key', command }]);
      const table = [
        ['skylark.key', 'KEY_NOT_ACTIVE'],
        ['unknown.key', 'NOT_FOUND'],
        ['clerk.key', 'KEY_SIGNS_ONLY'],
      ] as const;
      for (const [name, code] of table) {
        const ended = await run('key', 'rotate', file(name), file(`${name}.next`));
        expect(ended.code, name).to.not.equal(0);
        expect(ended.errors).to.contain(code);
        expect(await stat(file(`${name}.next`)).catch(() => null)).to.equal(null);
      }
    });

    it('refuses a new file that was not made from the old one', async () => {
      const other = await run('key', 'rotate', file('plover-2.key'), file('skylark-3.key'));
      expect(other.errors).to.contain('KEY_NOT_NEXT');
      await copyFile(file('plover-2.key'), file('copy.key'));
      const same = await run('key', 'rotate', file('plover-2.key'), file('copy.key'));
      expect(same.errors).to.contain('KEY_NOT_NEXT');
    });
  });

  describe('revoke, and recover', () => {
    let lost: Party;

    before(async () => {
      lost = await admit('lapwing');
    });

    const revoke = (...flags: string[]) =>
      run(
        ...['key', 'revoke', lost.signingKey.keyId, '--reason', 'The laptop was stolen'],
        ...['--key', file('operator.key'), ...flags],
      );

    it('warns of the last key of an organisation and revokes it with --last only', async () => {
      const warned = await revoke();
      expect(warned.code).to.equal(2);
      expect(warned.errors).to.contain('the last key of lapwing').and.to.contain('dxl key recover');
      expect(await stateOfKey(lost)).to.equal('ACTIVE');
      const ended = await revoke('--last');
      expect(ended.code, ended.errors).to.equal(0);
      expect(await stateOfKey(lost)).to.equal('REVOKED');
    });

    it('revokes one of several without a word', async () => {
      const clerk = await opened('clerk.key');
      const ended = await run(
        ...['key', 'revoke', clerk.signingKey.keyId, '--reason', 'She left'],
        ...['--key', file('plover-2.key')],
      );
      expect(ended.code, ended.errors).to.equal(0);
      expect(await stateOfKey(clerk)).to.equal('REVOKED');
    });

    it('recovers it: asked for by a new key, proposed by the operator, public, then in force', async () => {
      const next = await newKeyFile(file('lapwing-2.key'), {
        ...{ passphrase, organisationId: 'lapwing', cost: leastCost },
      });
      await writeFile(file('letter.txt'), 'We lost our key.');
      const asked = await run(
        ...['key', 'recover', file('lapwing-2.key'), '--evidence', file('letter.txt')],
        ...['--reason', 'The laptop was stolen', '--out', file('recovery.json')],
      );
      expect(asked.code, asked.errors).to.equal(0);
      const proposed = await run(
        ...['submit', 'identity.propose-recovery', '--json', file('recovery.json')],
        ...['--key', file('operator.key')],
      );
      expect(proposed.code, proposed.errors).to.equal(0);
      const id = next.signingKey.keyId;
      await exchange.settle();
      const recovery = await client.read(recoveryRecord, id);
      expect(recovery.state).to.equal('PROPOSED');
      expect(recovery.evidence).to.equal(sha256Hex(utf8('We lost our key.')));
      await untilPassed(recovery.publicUntilMs);
      await exchange.settle();
      expect((await client.read(recoveryRecord, id)).state).to.equal('DONE');
      expect(await stateOfKey(next)).to.equal('ACTIVE');
      expect((await organisation('lapwing')).encryptionKey).to.equal(next.encryptionKey);
      const signs = await run('key', 'rotate', file('lapwing-2.key'), file('lapwing-3.key'));
      expect(signs.code, signs.errors).to.equal(0);
    });

    it('refuses a request of another chain', async () => {
      const asked = await run(
        ...['key', 'recover', file('unknown.key'), '--evidence', file('letter.txt')],
        ...['--reason', 'Lost', '--organisation', 'lapwing', '--chain', 'another-chain'],
      );
      await writeFile(file('foreign.json'), asked.output);
      const proposed = await run(
        ...['submit', 'identity.propose-recovery', '--json', file('foreign.json')],
        ...['--key', file('operator.key')],
      );
      expect(proposed.code).to.not.equal(0);
      expect(proposed.errors).to.contain('KEY_NOT_POSSESSED');
    });
  });
});
