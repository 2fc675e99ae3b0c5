import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { CheckTxType, Request } from 'cosmjs-types/tendermint/abci/types';
import { concat } from '../../../src/base/bytes.ts';
import { encodeFrame } from '../../../src/chain/abci/frame.ts';
import { testGenesis } from '../test-chain.ts';
import { AbciClient, decidedBlock, initChainOf } from './abci-client.ts';
import { openApplicationAlone, type TestApplication } from './test-application.ts';

describe('the ABCI server', () => {
  let app: TestApplication;
  before(async () => {
    app = await openApplicationAlone();
  });
  after(() => app.close());

  /** It still answers, and nothing of the ledger has changed. */
  const isWell = async (): Promise<void> => {
    const client = await AbciClient.open(app.socketPath);
    expect((await client.ask({ echo: { message: 'well' } }))?.echo?.message).to.equal('well');
    client.close();
    expect(app.application.head.height).to.equal(0);
    expect(app.failures).to.deep.equal([]);
  };

  it('serves four connections at once, each in the order of its requests', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(() => AbciClient.open(app.socketPath)));
    await Promise.all(
      clients.map(async (client, of) => {
        const asked = Array.from({ length: 50 }, (_, at) =>
          client.ask(
            at % 5 === 0
              ? { listSnapshots: {} }
              : at % 5 === 1
                ? { flush: {} }
                : { echo: { message: `${of}/${at}` } },
          ),
        );
        const answers = await Promise.all(asked);
        for (const [at, answer] of answers.entries()) {
          if (at % 5 === 0) expect(answer?.listSnapshots).not.to.equal(undefined);
          else if (at % 5 === 1) expect(answer?.flush).not.to.equal(undefined);
          else expect(answer?.echo?.message).to.equal(`${of}/${at}`);
        }
      }),
    );
    for (const client of clients) client.close();
  });

  it('answers more requests than may wait at once, all of them and in order', async () => {
    const client = await AbciClient.open(app.socketPath);
    const count = 25_000;
    const requests = Array.from({ length: count }, (_, at) =>
      encodeFrame(
        Request.encode(
          at % 4_000 === 0 ? { listSnapshots: {} } : { echo: { message: String(at) } },
        ).finish(),
      ),
    );
    client.socket.write(concat(...requests));
    while (client.received.length < count && !client.closed) await delay(5);
    const wrong = client.received.findIndex(({ echo, listSnapshots }, at) =>
      at % 4_000 === 0 ? !listSnapshots : echo?.message !== String(at),
    );
    expect(wrong).to.equal(-1);
    expect(client.received).to.have.length(count);
    client.close();
  });

  it('answers what came before a malformed frame, then says why and ends', async () => {
    const client = await AbciClient.open(app.socketPath);
    const good = encodeFrame(Request.encode({ echo: { message: 'before' } }).finish());
    const bad = encodeFrame(Uint8Array.of(0x0a, 0xff));
    await client.raw(concat(good, bad));
    while (!client.closed) await delay(5);
    expect(client.received[0]?.echo?.message).to.equal('before');
    expect(client.received[1]?.exception).not.to.equal(undefined);
    expect(client.received).to.have.length(2);
    await isWell();
  });

  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (bytes) => {
        const client = await AbciClient.open(app.socketPath);
        client.socket.end(bytes);
        while (!client.closed) await delay(1);
      }),
      { numRuns: 200 },
    );
    await isWell();
  });

  it('survives requests with bytes changed, left out and put in', async () => {
    const init = Request.encode({
      initChain: initChainOf(testGenesis(), { chainId: 'x' }),
    }).finish();
    const block = Request.encode({ finalizeBlock: decidedBlock(9, 5) }).finish();
    const check = Request.encode({
      checkTx: { tx: new Uint8Array(100), type: CheckTxType.NEW },
    }).finish();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(init, block, check),
        fc.nat(),
        fc.uint8Array({ maxLength: 8 }),
        fc.nat({ max: 8 }),
        async (message, place, inserted, removed) => {
          const at = place % message.length;
          const changed = concat(message.slice(0, at), inserted, message.slice(at + removed));
          const client = await AbciClient.open(app.socketPath);
          client.socket.end(encodeFrame(changed));
          while (!client.closed) await delay(1);
        },
      ),
      { numRuns: 200 },
    );
    await isWell();
  });

  it('holds no more memory for a peer that promises much and sends little, or never reads', async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => AbciClient.open(app.socketPath)),
    );
    const before = process.memoryUsage().arrayBuffers;
    // A frame just below the limit of this server, announced and not sent.
    for (const client of clients) client.socket.write(Uint8Array.of(0xbf, 0x84, 0x3d, 1, 2, 3));
    await delay(100);
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(2_000_000);
    for (const client of clients) client.close();
    await isWell();
  });

  it('ends a connection that announces a frame above the limit', async () => {
    const client = await AbciClient.open(app.socketPath);
    const answer = await client.raw(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f));
    expect(answer?.exception?.error).to.match(/bytes; 1000000 may be/);
    while (!client.closed) await delay(5);
    await isWell();
  });
});
