import { expect } from 'chai';
import { apiResults } from '../../src/api/results.ts';
import { defaultLimits } from '../../src/api/limits.ts';
import type { ResultCode } from '../../src/base/result.ts';
import { RawClient, type RawAnswer } from '../support/raw-client.ts';
import { batch, outcomesOf } from './suites/batch.ts';
import { admission, keyOf, operator, sign } from './exchange.ts';
import { envelope, Suite } from './suite.ts';

const stranger = '127.0.0.66';
const sequence = { 'Content-Type': 'application/cbor-seq' };

function expectRefusal({ status, headers, json }: RawAnswer, result: ResultCode): void {
  expect(status).to.equal(result.status);
  expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
  expect(json).to.include({ name: result.name, code: result.code, status: result.status });
  expect(json?.['requestId']).to.match(/^[0-9a-f-]{36}$/);
}

describe('api: strangers', () => {
  const suite = new Suite();
  const clients: RawClient[] = [];

  const open = async (baseUrl: string, from?: string): Promise<RawClient> => {
    const client = await RawClient.open(baseUrl, from);
    clients.push(client);
    return client;
  };
  const metricOf = async (baseUrl: string, name: string): Promise<number> => {
    const text = await (await fetch(`${baseUrl}/metrics`)).text();
    const [, value] = new RegExp(`^${name} (.+)$`, 'm').exec(text) ?? [];
    return Number(value ?? 0);
  };
  const newcomer = (name: string) =>
    envelope(sign(suite.exchange, operator, [admission(name, keyOf(name))]));

  before(() => suite.open());
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  after(() => suite.close());

  describe('that do not end their bodies', () => {
    it('keep nobody else from sending batches and proofs', async () => {
      const client = await suite.clientOf();
      const cut = 4 * 1024 * 1024 - 1;
      const head = { ...sequence, 'Content-Length': cut + 1 };
      const answers: Promise<RawAnswer>[] = [];
      for (let at = 0; at < 16; at += 1) {
        const one = (await open(client.baseUrl, stranger)).ask('POST /v1/transactions:batch', head);
        one.socket.write(Buffer.alloc(cut));
        answers.push(one.answer());
      }
      // Three of them fit into what one address may have; the others have been told.
      expectRefusal(await Promise.race(answers), apiResults.BATCHES_EXHAUSTED);
      const [sound] = [sign(suite.exchange, operator, [admission('org-a', keyOf('org-a'))])];
      const large = batch([sound, new Uint8Array(1024 * 1024)]);
      const outcomes = outcomesOf(await client.call('submitTransactions', large));
      expect(outcomes.map(({ status }: { status: number }) => status)).to.deep.equal([201, 413]);
      expect((await client.call('getProofs', { json: { logIndexes: [0] } })).status).to.equal(200);
    });

    it('are answered why when a window has passed, and let go what they held', async () => {
      const client = await suite.clientOf({}, { bodyWindowMs: 60, bodyBytesMax: 800_000 });
      const slow = (await open(client.baseUrl)).ask('POST /v1/transactions:batch', {
        ...sequence,
        'Content-Length': 260_000,
      });
      slow.send('x'.repeat(259_999));
      const answer = await slow.answer();
      expectRefusal(answer, apiResults.REQUEST_TIMEOUT);
      expect(answer.headers.get('connection')).to.equal('close');
      await slow.ended();
      const whole = batch([new Uint8Array(250_000)]);
      // It is let go as soon as the node has seen the end of its reading.
      while ((await client.call('submitTransactions', whole)).status !== 200);
      expect(await metricOf(client.baseUrl, 'dxl_http_endings{why="slow-body"}')).to.equal(1);
    });

    it('are cut off also where their request was answered without it', async () => {
      const client = await suite.clientOf({}, { bodyWindowMs: 60 });
      const none = (await open(client.baseUrl)).ask('POST /nowhere', { 'Content-Length': 10 });
      expectRefusal(await none.answer(), apiResults.NOT_FOUND);
      await none.ended();
    });

    it('leave room for small requests, however many large ones wait', async () => {
      const limits = { smallBodyBytes: 4_000, bodyBytesMax: 40_000 };
      const client = await suite.clientOf({}, limits);
      for (let at = 0; at < 4; at += 1) {
        const from = `127.0.1.${at + 1}`;
        const large = (await open(client.baseUrl, from)).ask('POST /v1/transactions:batch', {
          ...sequence,
          'Content-Length': 14_000,
        });
        large.send('x'.repeat(13_999));
      }
      const more = batch([new Uint8Array(8_000)]);
      for (;;) {
        const answer = await client.call('submitTransactions', more);
        if (answer.status === 200) continue;
        expect(answer.json.name).to.equal('BATCHES_EXHAUSTED');
        break;
      }
      expect((await client.call('submitTransaction', newcomer('org-small'))).status).to.equal(201);
    });
  });

  describe('with many connections', () => {
    it('are told so when an address has as many as it may, and others are not', async () => {
      const client = await suite.clientOf({}, { connectionsPerAddressMax: 3 });
      for (let at = 0; at < 3; at += 1) {
        const one = (await open(client.baseUrl, stranger)).ask('GET /healthz');
        expect((await one.answer()).status).to.equal(200);
      }
      const more = await open(client.baseUrl, stranger);
      const answer = await more.answer();
      expectRefusal(answer, apiResults.CONNECTIONS_EXHAUSTED);
      expect(answer.headers.get('retry-after')).to.equal('5');
      expect(answer.json?.['detail']).to.equal('3 to one address.');
      await more.ended();
      expect((await client.call('getHealth')).status).to.equal(200);
      const why = 'dxl_http_endings{why="connections-of-address"}';
      expect(await metricOf(client.baseUrl, why)).to.equal(1);
    });

    it('lose an idle one to whoever has fewer, where there are no more', async () => {
      const client = await suite.clientOf({}, { connectionsMax: 3 });
      const idle: RawClient[] = [];
      for (let at = 0; at < 3; at += 1) {
        const one = (await open(client.baseUrl, stranger)).ask('GET /healthz');
        await one.answer();
        idle.push(one);
      }
      const other = (await open(client.baseUrl)).ask('GET /healthz');
      expect((await other.answer()).status).to.equal(200);
      await idle[0]!.ended();
      const again = await open(client.baseUrl, stranger);
      expectRefusal(await again.answer(), apiResults.CONNECTIONS_EXHAUSTED);
    });

    it('are let go where they ask nothing, or do not end their headers', async () => {
      const client = await suite.clientOf({}, { headerMs: 80, keepAliveMs: 80 });
      const silent = await open(client.baseUrl);
      const half = (await open(client.baseUrl)).send('GET /healthz HTTP/1.1\r\nHost: n');
      for (const one of [silent, half]) {
        expectRefusal(await one.answer(), apiResults.REQUEST_TIMEOUT);
        await one.ended();
      }
      const idle = (await open(client.baseUrl)).ask('GET /healthz');
      expect((await idle.answer()).status).to.equal(200);
      await idle.ended();
    });
  });

  describe('whose requests are none', () => {
    it('are answered by a problem document, and leave no line in the log', async () => {
      const { client } = suite;
      const before = suite.exchange.logged.length;
      const cookie = { Cookie: 'x'.repeat(defaultLimits.headerBytesMax) };
      const large = (await open(client.baseUrl)).ask('GET /healthz', cookie);
      const tooLarge = await large.answer();
      expectRefusal(tooLarge, apiResults.HEADERS_TOO_LARGE);
      expect(tooLarge.json?.['detail']).to.equal('At most 16384 bytes.');
      await large.ended();
      for (const text of ['no request at all\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n']) {
        const one = (await open(client.baseUrl)).send(text);
        expectRefusal(await one.answer(), apiResults.MALFORMED_REQUEST);
        await one.ended();
      }
      const chunked = { ...sequence, 'Transfer-Encoding': 'chunked' };
      const broken = (await open(client.baseUrl)).ask('POST /v1/transactions:batch', chunked);
      broken.send('zz\r\n');
      await broken.ended();
      expect((await client.call('getHealth')).status).to.equal(200);
      const lines = suite.exchange.logged.slice(before).join('');
      expect(lines).not.to.match(/"level":50|\\n {4}at /);
    });
  });
});
