import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Signers } from '../../bench/http/signers.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { openKeyFile } from '../../src/client/keystore/key-file.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { dxl, startDxl, type Running } from './run-dxl.ts';

/** A node that ends under load, and what it has shown and acknowledged when it is there again. */
describe('dxl node: read models when it ends under load', function () {
  this.timeout(300_000);
  let folder: string;
  let database: FreshDatabase;
  let node: Running;
  let url: string;
  /** Of which nothing has been sent. */
  let envelopes: Uint8Array[];

  const start = async (): Promise<void> => {
    node = startDxl(['node', '--port', '0', '--data-dir', path.join(folder, 'data'), '--json'], {
      DATABASE_URL: database.url,
      DXL_LOG_LEVEL: 'error',
    });
    ({ url } = JSON.parse(await node.firstLine) as { url: string });
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-read-models-'));
    database = await freshDatabase();
    await start();
    envelopes = await signEnvelopes();
  });
  after(async () => {
    node.child.kill('SIGTERM');
    await node.ended;
    await database.drop();
    await rm(folder, { recursive: true });
  });

  /** Organisations are admitted and their envelopes signed, more than are sent. */
  async function signEnvelopes(): Promise<Uint8Array[]> {
    const file = (name: string): string => path.join(folder, 'data/operator', name);
    const passphrase = (await readFile(file('passphrase.txt'), 'utf8')).trim();
    const { signingKey } = await openKeyFile(file('operator.key.json'), passphrase);
    const client = new ExchangeClient(url);
    const { height } = await client.status();
    const first = await client.nextSequence(signingKey.keyId);
    const signers = new Signers(await client.chainId(), height + 2_000, 16);
    const admissions = signers.admissions(signingKey, first);
    expect(await load(admissions, () => undefined)).to.have.length(16);
    return signers.sign(1_600);
  }

  /** Sends them one after another on each of a few connections; tells those acknowledged. */
  async function load(envelopes: Uint8Array[], onReceipt: () => void): Promise<string[]> {
    const acknowledged: string[] = [];
    const connection = async (): Promise<void> => {
      for (let envelope = envelopes.shift(); envelope; envelope = envelopes.shift()) {
        const answer = await fetch(`${url}/v1/transactions`, {
          method: 'POST',
          headers: { 'content-type': 'application/cose' },
          body: Buffer.from(envelope),
        });
        const body = (await answer.json()) as { envelopeId?: string; resultCode?: number };
        if (answer.status !== 201 || body.envelopeId === undefined) return;
        acknowledged.push(body.envelopeId);
        onReceipt();
      }
    };
    // A node that ends answers no more: what it has not answered it has not acknowledged.
    await Promise.all(Array.from({ length: 8 }, () => connection().catch(() => undefined)));
    return acknowledged;
  }

  for (const [signal, code] of [
    ['SIGTERM', 0],
    ['SIGKILL', null],
  ] as const) {
    it(`after ${signal} they show all that was acknowledged, and follow from the log`, async () => {
      let receipts = 0;
      const acknowledged = await load(envelopes, () => {
        receipts += 1;
        if (receipts === 300) node.child.kill(signal);
      });
      const ended = await node.ended;
      expect(ended.code, ended.errors).to.equal(code);
      expect(ended.errors).to.not.include('projection');
      expect(acknowledged.length).to.be.within(300, 400);
      await start();

      const client = new ExchangeClient(url);
      const { height, projection } = await client.status();
      expect(projection.height).to.equal(height);
      const shown = new Set<string | null>();
      for (let after = -1; ;) {
        const { data } = await client.events({ kind: 'registration', after, limit: 200 });
        if (data.length === 0) break;
        for (const { envelopeId } of data) shown.add(envelopeId);
        after = data.at(-1)?.logIndex ?? after;
      }
      expect(acknowledged.filter((id) => !shown.has(id))).to.deep.equal([]);
      const dataDir = ['--data-dir', path.join(folder, 'data')];
      const verified = await dxl(['rebuild', '--verify', ...dataDir, '--json'], {
        DATABASE_URL: database.url,
      });
      expect(verified.code, verified.errors).to.equal(0);
      expect(JSON.parse(verified.output)).to.include({ sound: true });
    });
  }
});
