/** What one address takes of a node, and what is left for the others, through the HTTP face. */
import { expect } from 'chai';
import { once } from 'node:events';
import { apiResults } from '../../src/api/results.ts';
import type { Engine } from '../../src/chain/engine/engine.ts';
import type { ApiClient } from '../support/api-client.ts';
import type { RawAnswer, RawClient } from '../support/raw-client.ts';
import { admission, idOf, keyOf, operator, sign } from './exchange.ts';
import { another, stranger, strangersOf } from './strangers.ts';
import { Suite } from './suite.ts';
import { putRequest, readRequest } from './suites/blobs.ts';

const json = { 'Content-Type': 'application/json' };
const cose = { 'Content-Type': 'application/cose' };
const begun = (text: string): boolean => text.includes('\r\n\r\n');

describe('api: fair shares', () => {
  const suite = new Suite();
  const { open, newcomer, metric } = strangersOf(suite);

  /** Lets what waits at it go on one by one, and tells what came to it. */
  function makeGate() {
    const came: string[] = [];
    const waiting: (() => void)[] = [];
    let wake: () => void = () => undefined;
    return {
      came,
      async pass(name: string): Promise<void> {
        came.push(name);
        wake();
        await new Promise<void>((resolve) => void waiting.push(resolve));
      },
      async until(count: number): Promise<void> {
        while (came.length < count) await new Promise<void>((resolve) => (wake = resolve));
      },
      next(): void {
        waiting.shift()?.();
      },
    };
  }

  describe('of the making of proofs', () => {
    const large = (name: string): string[] =>
      Array.from({ length: 100 }, (_, at) => `licence/${name}-${at}-${'x'.repeat(20)}`);

    const gated = async () => {
      const gate = makeGate();
      const { engine } = suite.exchange.parts;
      const held = Object.assign(Object.create(engine) as Engine, {
        proveInclusion: engine.proveInclusion.bind(engine),
        status: engine.status.bind(engine),
        async proveState(keys: readonly string[]) {
          if (keys.length > 50) await gate.pass(/^licence\/(\w+)-/.exec(keys[1] ?? '')?.[1] ?? '');
          return engine.proveState(keys);
        },
      });
      return { gate, client: await suite.clientOf({ engine: held }) };
    };
    const ask = async (client: ApiClient, name: string, from: string): Promise<RawClient> => {
      const body = JSON.stringify({ keys: large(name) });
      const headers = { ...json, 'Content-Length': body.length };
      return (await open(client, from)).ask('POST /v1/proofs', headers).send(body);
    };

    it('go by turns of addresses, few of one wait, and small ones are not behind them', async () => {
      const { gate, client } = await gated();
      const first = await ask(client, 'first', stranger);
      await gate.until(1);
      // One is being made; of those that come now four may wait, the first that is refused has come last.
      const more: RawClient[] = [];
      const refused = new Promise<RawAnswer>((resolve) => {
        void (async () => {
          for (let at = 0; at < 5; at += 1) {
            const one = await ask(client, `more${at}`, stranger);
            more.push(one);
            void one.answer().then(
              (answer) => answer.status === 429 && resolve(answer),
              () => undefined,
            );
          }
        })();
      });
      const refusal = await refused;
      expect(refusal.json).to.include({ name: 'RATE_LIMITED', status: 429 });
      expect(refusal.headers.get('connection')).to.equal('close');
      // Before its body: none comes.
      const head = { ...json, 'Content-Length': 5_000 };
      const unread = (await open(client, stranger)).ask('POST /v1/proofs', head);
      expect((await unread.answer()).status).to.equal(429);
      // Of the same address: what a person asks for.
      const person = await (
        await open(client, stranger)
      )
        .ask('GET /v1/proofs/state?key=licence/none')
        .answer();
      expect(person.status).to.equal(200);
      // Another address has its turn after one of those that came before it.
      const other = await ask(client, 'other', another);
      gate.next();
      await gate.until(2);
      gate.next();
      await gate.until(3);
      expect(gate.came[2]).to.equal('other');
      gate.next();
      expect((await first.answer()).status).to.equal(200);
      for (let count = 4; count <= 6; count += 1) {
        await gate.until(count);
        gate.next();
      }
      expect((await other.answer()).status).to.equal(200);
      const statuses = await Promise.all(more.map(async (one) => (await one.answer()).status));
      expect(statuses.sort()).to.deep.equal([200, 200, 200, 200, 429]);
    });

    it('refuse nobody who asks for one after another, and the bytes are those of the file', async () => {
      const { gate, client } = await gated();
      for (let count = 1; count <= 8; count += 1) {
        const one = await ask(client, 'again', stranger);
        await gate.until(count);
        gate.next();
        const answer = await one.answer();
        expect(answer.status).to.equal(200);
        expect(answer.json?.['state']).to.have.length(100);
        one.close();
      }
    });
  });

  describe('of bytes of bodies', () => {
    it('leave room for one who holds little, though several hold all that they may', async () => {
      const client = await suite.clientOf({}, { smallBodyBytes: 4_000, smallBodyBytesMax: 64_000 });
      const half = async (from: string): Promise<RawAnswer> => {
        const one = (await open(client, from)).ask('POST /v1/transactions', {
          ...cose,
          'Content-Length': 4_000,
        });
        return one.send('x'.repeat(2_000)).answer();
      };
      for (let from = 1; from <= 8; from += 1) {
        const address = `127.0.1.${from}`;
        // Eight are more than any address may have: some are refused, the others are held.
        const answers = Array.from({ length: 9 }, () => half(address));
        expect((await Promise.race(answers)).json).to.include({ name: 'BATCHES_EXHAUSTED' });
      }
      const { status } = await client.call('submitTransaction', newcomer('org-little'));
      expect(status).to.equal(201);
      // Whoever holds all that it may is refused before the application sees it.
      expect((await half('127.0.1.1')).json).to.include({ name: 'BATCHES_EXHAUSTED' });
      expect(await metric(client, 'dxl_http_endings{why="no-room"}')).to.be.greaterThan(0);
    });
  });

  describe('of refusals of bodies', () => {
    const lines = { smallBodyBytes: 4_000, smallBodyBytesMax: 16_000 };

    /** An address that holds what it may, and was refused as often as is told at once. */
    const refused = async (refusalDelayMs: number) => {
      const client = await suite.clientOf({}, { ...lines, refusalDelayMs });
      const ask = async (from: string, sent: number): Promise<RawClient> => {
        const headers = { ...cose, 'Content-Length': 4_000 };
        return (await open(client, from))
          .ask('POST /v1/transactions', headers)
          .send('x'.repeat(sent));
      };
      const first = await ask(stranger, 4_000);
      expect((await first.answer()).status).to.be.greaterThan(399);
      await ask(stranger, 3_000);
      let count = 0;
      for (; count < 60; count += 1) {
        const { json: told } = await (await ask(stranger, 3_000)).answer();
        expect(told).to.include({ name: 'BATCHES_EXHAUSTED' });
      }
      return { client, ask };
    };

    it('wait where an address was refused again and again, and there alone', async () => {
      const { client, ask } = await refused(1_000_000);
      const waits = await ask(stranger, 3_000);
      await ask(another, 2_000);
      const told = await (await ask(another, 3_000)).answer();
      expect(told.json).to.include({ name: 'BATCHES_EXHAUSTED' });
      expect((await client.call('getHealth')).status).to.equal(200);
      expect(waits.received).to.equal('');
    });

    it('come in the end', async () => {
      const { ask } = await refused(20);
      const told = await (await ask(stranger, 3_000)).answer();
      expect(told.json).to.include({ name: 'BATCHES_EXHAUSTED' });
    });
  });

  describe('of connections', () => {
    const takeAll = async (client: ApiClient, line: string, headers = {}): Promise<RawClient[]> => {
      const taken: RawClient[] = [];
      for (let at = 0; at < 3; at += 1) {
        taken.push((await open(client, stranger)).ask(line, headers));
      }
      return taken;
    };

    it('end a half-sent one of whoever has most, where there are no more', async () => {
      const client = await suite.clientOf({}, { connectionsMax: 3 });
      const head = { ...cose, 'Content-Length': 100, Expect: '100-continue' };
      const half = await takeAll(client, 'POST /v1/transactions', head);
      await Promise.all(half.map((one) => one.until(begun)));
      const other = (await open(client)).ask('GET /healthz');
      expect((await other.answer()).status).to.equal(200);
      await half[0]!.ended();
      const text = await other.ask('GET /metrics').until((all) => all.includes('why="evicted"'));
      expect(text).to.include('dxl_http_endings{why="evicted"} 1');
    });

    it('end none that waits for its answer', async () => {
      const gate = makeGate();
      const { reader } = suite.exchange.parts;
      const held = Object.assign(Object.create(reader) as typeof reader, {
        readEnvelope: async (id: string) => {
          await gate.pass(id);
          return reader.readEnvelope(id);
        },
      });
      const client = await suite.clientOf({ reader: held }, { connectionsMax: 3 });
      const waiting = await takeAll(client, `GET /v1/transactions/${'0'.repeat(64)}`);
      await gate.until(3);
      const refused = await (await open(client)).answer();
      expect(refused.json).to.include({ name: apiResults.CONNECTIONS_EXHAUSTED.name });
      for (let at = 0; at < 3; at += 1) gate.next();
      for (const one of waiting) expect((await one.answer()).status).to.equal(404);
    });

    it('have one request in hand each, however many were sent over one', async () => {
      const gate = makeGate();
      const { reader } = suite.exchange.parts;
      const held = Object.assign(Object.create(reader) as typeof reader, {
        readEnvelope: async (id: string) => {
          await gate.pass(id.slice(-1));
          return reader.readEnvelope(id);
        },
      });
      const client = await suite.clientOf({ reader: held });
      const id = (last: number): string => '0'.repeat(63) + String(last);
      const line = await open(client, stranger);
      for (let at = 0; at < 5; at += 1) line.ask(`GET /v1/transactions/${id(at)}`);
      await gate.until(1);
      await client.call('getHealth');
      expect(gate.came).to.deep.equal(['0']);
      // As many connections have as many.
      const beside = (await open(client, stranger)).ask(`GET /v1/transactions/${id(9)}`);
      await gate.until(2);
      gate.next();
      for (let count = 3; count <= 6; count += 1) {
        gate.next();
        await gate.until(count);
      }
      gate.next();
      const answers = (text: string): number => text.split('HTTP/1.1 404').length - 1;
      await line.until((text) => answers(text) === 5);
      expect((await beside.answer()).status).to.equal(404);
      expect(gate.came).to.deep.equal(['0', '9', '1', '2', '3', '4']);
    });

    it('are ended where more requests wait behind another than are kept', async () => {
      const client = await suite.clientOf({}, { headerBytesMax: 8_192 });
      const line = (await open(client, stranger)).ask('GET /v1/events/stream');
      await line.until(begun);
      for (let at = 0; at < 8; at += 1) line.ask('GET /healthz');
      await line.ended();
      expect(await metric(client, 'dxl_http_endings{why="pipelined"}')).to.equal(1);
    });
  });

  describe('of reading the log for streams that are behind', () => {
    it('are one query a page for all of them, and none is missed or told twice', async () => {
      for (let at = 0; at < 8; at += 1) {
        const names = Array.from({ length: 12 }, (_, each) => `org-p${at}-${each}`);
        const operations = names.map((name) => admission(name, keyOf(name)));
        await suite.submit(sign(suite.exchange, operator, operations));
      }
      const { projector } = suite.exchange.parts;
      const pages: number[] = [];
      const counted = {
        ...projector,
        listEvents: async (query: Parameters<typeof projector.listEvents>[0]) => {
          if (query.upTo !== undefined) pages.push(query.after);
          return projector.listEvents(query);
        },
      };
      const client = await suite.clientOf({ projector: counted });
      const { value } = await projector.listEvents({ after: -1, limit: 500 });
      const all = value.map(({ logIndex }) => logIndex);
      const idsOf = (text: string): number[] =>
        [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
      const places = [-1, -1, -1, -1, 0, 5, all[10]!, all[60]!];
      await Promise.all(
        places.map(async (after, at) => {
          const line = `GET /v1/events/stream?after=${after}`;
          const stream = (await open(client, `127.0.1.${1 + (at % 3)}`)).ask(line);
          const wanted = all.filter((index) => index > after);
          await stream.until((text) => idsOf(text).length >= wanted.length);
          expect(idsOf(stream.received)).to.deep.equal(wanted);
        }),
      );
      expect(all.length).to.be.greaterThan(128);
      expect(new Set(pages).size).to.be.greaterThan(1);
      expect(pages.length).to.equal(new Set(pages).size);
    });
  });

  describe('of what reading costs', () => {
    it('count a block by its envelopes, and one that is not there as a plain read', async () => {
      await suite.exchange.settle();
      const client = await suite.clientOf({}, { requestsPerMinute: 100 });
      const left = async (height: number): Promise<number> => {
        const { headers } = await client.call('getBlock', { params: { height } });
        return Number(/remaining=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
      };
      const { height } = suite.exchange.engine.status();
      const before = await left(1e9);
      expect(before).to.equal(99);
      expect(await left(height)).to.be.within(97, 98);
    });

    it('count a blob by its bytes, also one that costs more than a minute’s worth', async () => {
      const bytes = new Uint8Array(300 * 1024);
      const kept = await suite.client.call('putBlob', await putRequest(suite, bytes));
      expect(kept.status).to.equal(201);
      for (const [requestsPerMinute, left] of [
        [100, 95],
        [3, 0],
      ] as const) {
        const client = await suite.clientOf({}, { requestsPerMinute });
        const request = await readRequest(suite, 'GET', idOf(bytes));
        const { status, headers } = await client.call('getBlob', request);
        expect(status).to.equal(200);
        expect(headers.get('ratelimit')).to.include(`remaining=${left},`);
      }
    });
  });

  it('are no matter of one connection: a stream ends with its client', async () => {
    const client = await suite.clientOf({}, { eventStreamsPerAddressMax: 1 });
    const first = (await open(client, stranger)).ask('GET /v1/events/stream?after=-1');
    await first.until((text) => text.includes('id: '));
    const closed = once(first.socket, 'close');
    first.close();
    await closed;
    for (;;) {
      const again = (await open(client, stranger)).ask('GET /v1/events/stream?after=-1');
      if ((await again.until(begun)).startsWith('HTTP/1.1 200')) break;
    }
  });
});
