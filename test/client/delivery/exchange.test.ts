/** A delivery of several parts through an exchange: cut off on both sides, gone on with, by whom it is for. */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { utf8 } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { partPlainBytes } from '../../../src/client/delivery/format.ts';
import { receiveDelivery } from '../../../src/client/delivery/receive.ts';
import { sendDelivery, type SentDelivery } from '../../../src/client/delivery/send.ts';
import { partyFromSeeds, type Party } from '../../../src/client/party.ts';
import { putContent } from '../../../src/client/content.ts';
import { Transport } from '../../../src/client/transport.ts';
import { sha256 } from '../../../src/base/hash.ts';
import { admission, genesis, keyOf, openExchange, operator, sign } from '../../api/exchange.ts';
import type { TestExchange } from '../../api/exchange.ts';
import { madeTrade, withMadeRecords } from '../../api/made-records.ts';
import { CutTransport } from '../cut-transport.ts';
import { encryptSingle } from './encrypt-single.ts';

const size = 2 * partPlainBytes + 100_000;
const tradeId = 'big-trade';

describe('delivery through an exchange', function () {
  this.timeout(300_000);
  let exchange: TestExchange;
  let folder = '';
  let url = '';
  const made = new Map<string, object>();
  const at = (name: string): string => path.join(folder, name);
  const partyOf = (name: string): Party =>
    partyFromSeeds(name, { signing: sha256(utf8(name)), sealing: sha256(utf8(`seal ${name}`)) });
  const signerOf = (name: string) => ({ party: partyOf(name), chainId: genesis.chainId });
  const recipient = partyOf('buyer').encryptionKey;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-delivery-exchange-'));
    exchange = await openExchange();
    for (const [name, role] of [
      ['seller', 'SELLER'],
      ['buyer', 'BUYER'],
      ['stranger', 'BUYER'],
    ] as const) {
      const admitted = admission(name, keyOf(name), ['ADMIN', role]);
      await exchange.engine.submit(sign(exchange, operator, [admitted]));
    }
    url = await exchange.serve({ engine: withMadeRecords(exchange, made) });
    made.set(`trade/${tradeId}`, madeTrade(tradeId, {}));
    // Sparse: zeros but for a word in each part.
    await writeFile(at('plain'), '');
    await truncate(at('plain'), size);
    const handle = await open(at('plain'), 'r+');
    for (const part of [0, 1, 2]) {
      await handle.write(utf8(`part ${part}`), 0, 6, part * partPlainBytes);
    }
    await handle.close();
  });

  after(async () => {
    await exchange.close();
    await rm(folder, { recursive: true, force: true });
  });

  const send = (transport: Transport, source = at('plain')): Promise<SentDelivery> => {
    const request = { tradeId, source, recipient, sealedFile: at('.plain.dxl-sealed') };
    return sendDelivery(transport, signerOf('seller'), request);
  };

  const receive = (transport: Transport, target: string, name = 'buyer') =>
    receiveDelivery(transport, signerOf(name), { tradeId, delivery: sent, target: at(target) });

  const endOf = (step: Promise<unknown>) =>
    step.then(
      () => 'done',
      (error: unknown) => (error as { resultName?: string }).resultName ?? String(error),
    );

  const record = (): void => {
    made.set(`trade/${tradeId}`, madeTrade(tradeId, { delivery: { ...sent, atMs: 5 } }));
  };

  let sent: SentDelivery;

  it('is sent by part; the same call goes on and encrypts nothing anew', async () => {
    expect(await endOf(send(new CutTransport(url, 'PATCH', 1)))).to.include('ended');
    const sealed = await stat(at('.plain.dxl-sealed'));
    const second = new CutTransport(url, 'none', 0);
    sent = await send(second);
    expect(second.seen.filter((line) => line.startsWith('PATCH'))).to.have.length(2);
    expect(sent.ciphertextBytes).to.equal(sealed.size);
    expect(await readdir(folder)).to.deep.equal(['plain']);
  });

  it('encrypts anew, under another key, what was changed meanwhile', async () => {
    await writeFile(at('changing'), 'first');
    const cut = new CutTransport(url, 'PUT', 0);
    expect(await endOf(send(cut, at('changing')))).to.include('ended');
    const before = await readFile(at('.plain.dxl-sealed'));
    await writeFile(at('changing'), 'second');
    const other = await send(new Transport(url), at('changing'));
    // A byte longer: sent is what was encrypted now.
    expect(other.ciphertextBytes).to.equal(before.length + 1);
    await rm(at('changing'));
  });

  it('is received by the buyer alone, and gone on with at the part where it was cut', async () => {
    record();
    expect(await endOf(receive(new Transport(url), 'stolen', 'stranger'))).to.equal('NOT_FOUND');
    // The wrapped key, the description, one part.
    const cut = new CutTransport(url, 'GET', 3);
    expect(await endOf(receive(cut, 'opened'))).to.include('ended');
    const rest = new CutTransport(url, 'none', 0);
    const opened = await receive(rest, 'opened');
    const parts = rest.seen.filter((line) => /parts\/\d$/.test(line));
    expect(parts.map((line) => line.slice(-1))).to.deep.equal(['1', '2']);
    expect(opened.plaintextBytes).to.equal(size);
    expect(await hashOf(at('opened'))).to.equal(await hashOf(at('plain')));
    expect(opened.plaintextDigest).to.equal(await hashOf(at('plain')));
    expect((await readdir(folder)).sort()).to.deep.equal(['opened', 'plain']);
  });

  it('is still received where an earlier release sent it', async () => {
    await writeFile(at('old'), 'what an earlier release sent');
    const place = { chainId: genesis.chainId, tradeId };
    const old = { ...place, source: at('old'), target: at('old sealed'), recipient };
    const { wrappedKey, ...encrypted } = await encryptSingle(old);
    const transport = new Transport(url);
    const about = `trade/${tradeId}`;
    await putContent(transport, signerOf('seller'), { file: at('old sealed') }, about);
    await putContent(transport, signerOf('seller'), wrappedKey, about);
    sent = encrypted;
    record();
    const opened = await receive(transport, 'old opened');
    expect(opened.plaintextDigest).to.equal(sha256Hex(utf8('what an earlier release sent')));
  });

  async function hashOf(file: string): Promise<string> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  }
});
