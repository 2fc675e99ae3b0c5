import { expect } from 'chai';
import { apiResults } from '../../src/api/results.ts';
import { defaultLimits } from '../../src/api/limits.ts';
import type { ResultCode } from '../../src/base/result.ts';
import type { RawAnswer, RawClient } from '../support/raw-client.ts';
import { batch, outcomesOf } from './suites/batch.ts';
import { admission, idOf, keyOf, operator, sign } from './exchange.ts';
import { contentRequest } from './content-requests.ts';
import { stranger, strangersOf } from './strangers.ts';
import { Suite } from './suite.ts';
import { putRequest } from './suites/blobs.ts';

const sequence = { 'Content-Type': 'application/cbor-seq' };

function expectRefusal({ status, headers, json }: RawAnswer, result: ResultCode): void {
  expect(status).to.equal(result.status);
  expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
  expect(json).to.include({ name: result.name, code: result.code, status: result.status });
  expect(json?.['requestId']).to.match(/^[0-9a-f-]{36}$/);
}

describe('api: strangers', () => {
  const suite = new Suite();
  const { open, newcomer, metric } = strangersOf(suite);

  describe('that do not end their bodies', () => {
    it('keep nobody else from sending batches and proofs', async () => {
      const client = await suite.clientOf();
      const cut = 4 * 1024 * 1024 - 1;
      const head = { ...sequence, 'Content-Length': cut + 1 };
      const answers: Promise<RawAnswer>[] = [];
      for (let at = 0; at < 16; at += 1) {
        const one = (await open(client, stranger)).ask('POST /v1/transactions:batch', head);
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
      const slow = (await open(client)).ask('POST /v1/transactions:batch', {
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
      expect(await metric(client, 'dxl_http_endings{why="slow-body"}')).to.equal(1);
    });

    it('are cut off also where their request was answered without it', async () => {
      const client = await suite.clientOf({}, { bodyWindowMs: 60 });
      const none = (await open(client)).ask('POST /nowhere', { 'Content-Length': 10 });
      expectRefusal(await none.answer(), apiResults.NOT_FOUND);
      await none.ended();
    });

    it('leave room for small requests, however many large ones wait', async () => {
      const limits = { smallBodyBytes: 4_000, bodyBytesMax: 40_000 };
      const client = await suite.clientOf({}, limits);
      // Each address takes a part of what the others have left.
      for (let at = 0; at < 11; at += 1) {
        const from = `127.0.1.${at + 1}`;
        const large = (await open(client, from)).ask('POST /v1/transactions:batch', {
          ...sequence,
          'Content-Length': 6_800,
        });
        large.send('x'.repeat(6_799));
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
        const one = (await open(client, stranger)).ask('GET /healthz');
        expect((await one.answer()).status).to.equal(200);
      }
      const more = await open(client, stranger);
      const answer = await more.answer();
      expectRefusal(answer, apiResults.CONNECTIONS_EXHAUSTED);
      expect(answer.headers.get('retry-after')).to.equal('5');
      expect(answer.json?.['detail']).to.equal('3 to one address.');
      await more.ended();
      expect((await client.call('getHealth')).status).to.equal(200);
      const why = 'dxl_http_endings{why="connections-of-address"}';
      expect(await metric(client, why)).to.equal(1);
    });

    it('lose an idle one to whoever has fewer, where there are no more', async () => {
      const client = await suite.clientOf({}, { connectionsMax: 3 });
      const idle: RawClient[] = [];
      for (let at = 0; at < 3; at += 1) {
        const one = (await open(client, stranger)).ask('GET /healthz');
        await one.answer();
        idle.push(one);
      }
      const other = (await open(client)).ask('GET /healthz');
      expect((await other.answer()).status).to.equal(200);
      await idle[0]!.ended();
      const again = await open(client, stranger);
      expectRefusal(await again.answer(), apiResults.CONNECTIONS_EXHAUSTED);
    });

    it('are let go where they ask nothing, or do not end their headers', async () => {
      const client = await suite.clientOf({}, { headerMs: 80, keepAliveMs: 80 });
      const silent = await open(client);
      const half = (await open(client)).send('GET /healthz HTTP/1.1\r\nHost: n');
      for (const one of [silent, half]) {
        expectRefusal(await one.answer(), apiResults.REQUEST_TIMEOUT);
        await one.ended();
      }
      const idle = (await open(client)).ask('GET /healthz');
      expect((await idle.answer()).status).to.equal(200);
      await idle.ended();
    });
  });

  describe('whose requests are none', () => {
    it('are answered by a problem document, and leave no line in the log', async () => {
      const { client } = suite;
      const before = suite.exchange.logged.length;
      const cookie = { Cookie: 'x'.repeat(defaultLimits.headerBytesMax) };
      const large = (await open(client)).ask('GET /healthz', cookie);
      const tooLarge = await large.answer();
      expectRefusal(tooLarge, apiResults.HEADERS_TOO_LARGE);
      expect(tooLarge.json?.['detail']).to.equal('At most 16384 bytes.');
      await large.ended();
      for (const text of ['no request at all\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n']) {
        const one = (await open(client)).send(text);
        expectRefusal(await one.answer(), apiResults.MALFORMED_REQUEST);
        await one.ended();
      }
      const chunked = { ...sequence, 'Transfer-Encoding': 'chunked' };
      const broken = (await open(client)).ask('POST /v1/transactions:batch', chunked);
      broken.send('zz\r\n');
      await broken.ended();
      expect((await client.call('getHealth')).status).to.equal(200);
      const lines = suite.exchange.logged.slice(before).join('');
      expect(lines).not.to.match(/"level":50|\\n {4}at /);
    });
  });

  describe('that open event streams', () => {
    const happen = (name: string) =>
      suite.submit(sign(suite.exchange, operator, [admission(name, keyOf(name))]));
    const begun = (text: string): boolean => text.includes('\r\n\r\n');

    it('have so many of an address, and leave the others theirs', async () => {
      const client = await suite.clientOf({}, { eventStreamsPerAddressMax: 2 });
      const first = (await open(client, stranger)).ask('GET /v1/events/stream');
      const second = (await open(client, stranger)).ask('GET /v1/events/stream');
      await Promise.all([first.until(begun), second.until(begun)]);
      const third = (await open(client, stranger)).ask('GET /v1/events/stream');
      const refused = await third.answer();
      expectRefusal(refused, apiResults.STREAMS_EXHAUSTED);
      expect(refused.json?.['detail']).to.equal('2 are open to this address.');
      const other = (await open(client)).ask('GET /v1/events/stream');
      expect(await other.until(begun)).to.match(/^HTTP\/1.1 200/);
      first.close();
      while ((await metric(client, 'dxl_event_streams')) !== 2);
      const again = (await open(client, stranger)).ask('GET /v1/events/stream');
      expect(await again.until(begun)).to.match(/^HTTP\/1.1 200/);
    });

    it('keep none by HEAD', async () => {
      const client = await suite.clientOf({}, { eventStreamsPerAddressMax: 1 });
      for (const _ of [1, 2, 3]) {
        const head = (await open(client)).ask('HEAD /v1/events/stream');
        expect(await head.until(begun)).to.match(/^HTTP\/1.1 200[^]*text\/event-stream/);
      }
      expect(await metric(client, 'dxl_event_streams')).to.equal(0);
    });

    it('cost one query a block, however many they are', async () => {
      const { projector } = suite.exchange.parts;
      let queries = 0;
      const counted = {
        ...projector,
        listEvents: async (query: Parameters<typeof projector.listEvents>[0]) => {
          queries += 1;
          return projector.listEvents(query);
        },
      };
      await suite.exchange.settle();
      const client = await suite.clientOf({ projector: counted });
      const streams: RawClient[] = [];
      for (let at = 0; at < 12; at += 1) {
        const filter = at % 2 === 0 ? '' : '?kind=key';
        const stream = (await open(client)).ask(`GET /v1/events/stream${filter}`);
        await stream.until(begun);
        streams.push(stream);
      }
      await happen('org-s0');
      await Promise.all(streams.map((one) => one.until((text) => text.includes('org-s0'))));
      const before = queries;
      for (const name of ['org-s1', 'org-s2', 'org-s3']) {
        await happen(name);
        await Promise.all(streams.map((one) => one.until((text) => text.includes(name))));
      }
      // A block is told of once; reading it and finding no more may be two.
      expect(queries - before).to.be.within(1, 6);
      const all = streams.filter((_, at) => at % 2 === 0).map((one) => idsOf(one.received));
      for (const ids of all) expect(ids).to.deep.equal(all[0]);
      expect(streams[1]!.received).not.to.include('event: identity.admitted');
    });

    const idsOf = (text: string): number[] =>
      [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

    it('read for themselves what no longer waits for all, without a gap or a repeat', async () => {
      const client = await suite.clientOf({}, { eventRingBytesMax: 1 });
      const stream = (await open(client)).ask('GET /v1/events/stream?after=-1');
      await stream.until((text) => idsOf(text).length > 3);
      for (const name of ['org-r1', 'org-r2']) await happen(name);
      await stream.until(
        (text) => text.includes('event: identity.key-added') && text.includes('org-r2'),
      );
      const { json } = await suite.client.call('listEvents', { query: 'limit=200' });
      const logged = (json.data as { logIndex: number }[]).map(({ logIndex }) => logIndex);
      const ids = idsOf(stream.received);
      expect(ids).to.deep.equal(logged.slice(0, ids.length));
    });
  });

  describe('that take no answer', () => {
    it('are cut off, and keep no connection of the database', async () => {
      const { reader } = suite.exchange.parts;
      const leaf = new Uint8Array(60_000);
      let pages = 0;
      const large = {
        ...reader,
        measureLeaves: async () => ({ count: 2, bytes: 60_000_000, longestBytes: 60_000 }),
        async *streamLeaves() {
          for (let at = 0; at < 1_000; at += 1) {
            pages += 1;
            yield leaf;
          }
        },
      };
      const client = await suite.clientOf({ reader: large }, { answerWindowMs: 200 });
      const path = 'GET /tile/entries/000.p/2';
      const deaf = (await open(client, stranger)).ask(path).stopReading();
      while ((await metric(client, 'dxl_http_endings{why="slow-reader"}')) !== 1);
      expect(pages).to.be.below(1_000);
      deaf.socket.resume();
      await deaf.ended();
      const lines = suite.exchange.logged.slice(-20).join('');
      expect(lines).not.to.match(/"level":50|\\n {4}at /);
    });

    it('as tiles of entries, sixteen at once, hold up neither blocks nor reads', async () => {
      const client = await suite.clientOf();
      const size = suite.exchange.engine.status().logSize;
      const path = `/tile/entries/000.p/${Math.min(255, size)}`;
      for (let at = 0; at < 16; at += 1) {
        (await open(client, stranger)).ask(`GET ${path}`).stopReading();
      }
      expect((await client.call('submitTransaction', newcomer('org-t'))).status).to.equal(201);
      expect((await client.call('getReadiness')).status).to.equal(200);
      expect((await client.call('listEvents')).status).to.equal(200);
    });
  });

  describe('that ask for much', () => {
    it('pay for it out of the bucket of their address', async () => {
      const client = await suite.clientOf({}, { requestsPerMinute: 100 });
      const left = async (operation: string, request = {}): Promise<number> => {
        const { headers } = await client.call(operation, request);
        return Number(/remaining=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
      };
      expect(await left('getStatus')).to.equal(99);
      expect(
        await left('getProofs', { json: { logIndexes: [0, 1, 2], keys: ['key/a'] } }),
      ).to.be.within(94, 97);
      expect(await left('list.keys', { query: 'limit=40' })).to.be.within(83, 92);
      const search = await left('list.keys', { query: 'limit=40&search=a' });
      expect(search).to.be.within(22, 40);
      const over = await client.call('getTile', { params: { path: '0/000.p/1' } });
      expect(over.status).to.equal(200);
      const logIndexes = Array.from({ length: 90 }, (_, at) => at);
      const refused = await client.call('getProofs', { json: { logIndexes } });
      expect(refused.json.name).to.equal('RATE_LIMITED');
      expect(refused.json.detail).to.include('this one counts as 91');
      expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    });

    it('pay for bytes of content as for a blob of as many, of a range for what is in it', async () => {
      const bytes = new Uint8Array(10 * 65_536 + 5).fill(7);
      expect((await suite.client.call('putBlob', await putRequest(suite, bytes))).status).to.equal(
        201,
      );
      const digest = idOf(bytes);
      const reads = [
        { operation: 'getContent', units: 11 },
        { operation: 'getContent', range: 'bytes=65536-', units: 10 },
        { operation: 'getContent', range: 'bytes=0-9', units: 1 },
        { operation: 'getContentPart', units: 11 },
        { operation: 'getContentPart', range: 'bytes=0-131071', units: 3 },
        { operation: 'getContentParts', units: 1 },
        { operation: 'headContent', units: 1 },
      ] as const;
      for (const { operation, units, ...range } of reads) {
        // What is left of a bucket of its own, which has come back a little meanwhile.
        const client = await suite.clientOf({}, { requestsPerMinute: 20 });
        const request = await contentRequest(suite, operation, digest, range);
        const answer = await client.call(operation, request);
        expect(answer.status, answer.text).to.be.oneOf([200, 206]);
        const left = Number(/remaining=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1]);
        expect(left, `${operation} ${JSON.stringify(range)}`).to.be.within(20 - units, 21 - units);
      }
      const client = await suite.clientOf({}, { requestsPerMinute: 20 });
      const whole = () => contentRequest(suite, 'getContent', digest);
      expect((await client.call('getContent', await whole())).status).to.equal(200);
      const refused = await client.call('getContent', await whole());
      expect(refused.json).to.include({ name: 'RATE_LIMITED' });
      expect(refused.json.detail).to.include('this one counts as 11');
      // Whoever may not have it learns nothing of its length, and does not pay for it.
      const stranger = await contentRequest(suite, 'getContent', digest, { key: operator });
      expect((await client.call('getContent', stranger)).json.name).to.equal('NOT_FOUND');
    });

    it('leave health, readiness and metrics to others of their address', async () => {
      const client = await suite.clientOf({}, { requestsPerMinute: 1 });
      for (const _ of [1, 2]) await client.call('getStatus');
      expect((await client.call('getStatus')).status).to.equal(429);
      for (const operation of ['getHealth', 'getReadiness', 'getMetrics']) {
        expect((await client.call(operation)).status).to.equal(200);
      }
      const tight = await suite.clientOf({}, { healthRequestsPerMinute: 1 });
      await tight.call('getHealth');
      expect((await tight.call('getHealth')).status).to.equal(429);
      expect((await tight.call('getStatus')).status).to.equal(200);
    });
  });

  describe('behind a proxy', () => {
    const forwarded = (address: string) => ({ headers: { 'x-forwarded-for': address } });

    it('that is trusted have a bucket each', async () => {
      const changes = { trustedProxies: ['127.0.0.0/8'] };
      const client = await suite.clientOf(changes, { requestsPerMinute: 1 });
      for (const address of ['198.51.100.1', '198.51.100.2', '2001:db8:0:1::1']) {
        expect((await client.call('getStatus', forwarded(address))).status).to.equal(200);
      }
      for (const address of ['198.51.100.2', '2001:db8:0:1:ffff::9', '1.2.3.4, 198.51.100.1']) {
        expect((await client.call('getStatus', forwarded(address))).status).to.equal(429);
      }
      expect((await client.call('getStatus', forwarded('2001:db8:0:2::1'))).status).to.equal(200);
    });

    it('that is not trusted are what connects, whatever they write', async () => {
      const client = await suite.clientOf(
        { trustedProxies: ['192.0.2.1'] },
        { requestsPerMinute: 1 },
      );
      expect((await client.call('getStatus', forwarded('198.51.100.1'))).status).to.equal(200);
      for (const address of ['198.51.100.2', 'nonsense', '192.0.2.1']) {
        expect((await client.call('getStatus', forwarded(address))).status).to.equal(429);
      }
    });
  });
});
