import { expect } from 'chai';
import { apiResults } from '../../src/api/results.ts';
import { RawClient } from '../support/raw-client.ts';
import { Suite } from './suite.ts';

describe('api: an answer in time', () => {
  const suite = new Suite();
  const clients: RawClient[] = [];
  const open = async (baseUrl: string): Promise<RawClient> => {
    const client = await RawClient.open(baseUrl);
    clients.push(client);
    return client;
  };

  before(() => suite.open());
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  after(() => suite.close());

  const id = '0'.repeat(64);

  /** A node whose look for an envelope ends when it is told to. */
  const heldUp = async (limits: { answerMsMax: number }) => {
    const { reader } = suite.exchange.parts;
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const slow = Object.assign(Object.create(reader) as typeof reader, {
      readEnvelope: async (wanted: string) => {
        await gate;
        return reader.readEnvelope(wanted);
      },
    });
    const client = await suite.clientOf({ reader: slow }, { ...limits, requestsPerAddressMax: 1 });
    return { client, goOn };
  };

  it('is given up after a while, and what the request held is let go', async () => {
    const { client, goOn } = await heldUp({ answerMsMax: 50 });
    const one = (await open(client.baseUrl)).ask(`GET /v1/transactions/${id}`);
    const answer = await one.answer();
    const { status, code, name } = apiResults.ANSWER_TIMEOUT;
    expect(answer.json).to.include({ status, code, name });
    expect(answer.status).to.equal(status);
    expect(answer.headers.get('retry-after')).to.equal('5');
    expect(answer.json?.['detail']).to.equal('50 ms have passed.');
    // The one place of this address is free, though the work for it goes on.
    expect((await client.call('getStatus')).status).to.equal(200);
    const before = suite.exchange.logged.length;
    goOn();
    expect((await client.call('getTransaction', { params: { id } })).status).to.equal(404);
    expect(suite.exchange.logged.slice(before).join('')).not.to.include('"level":50');
  });

  it('is what the handler found, where it comes before', async () => {
    const { client, goOn } = await heldUp({ answerMsMax: 60_000 });
    const answer = (await open(client.baseUrl)).ask(`GET /v1/transactions/${id}`).answer();
    goOn();
    expect((await answer).status).to.equal(404);
  });

  it('may go on for as long as it likes once it has begun', async () => {
    const client = await suite.clientOf({}, { answerMsMax: 50, heartbeatMs: 20 });
    const stream = (await open(client.baseUrl)).ask('GET /v1/events/stream');
    // More heartbeats than fit into the time of an answer.
    await stream.until((text) => text.split('\n:').length > 8);
    expect(stream.received)
      .to.match(/^HTTP\/1.1 200/)
      .and.not.to.include('ANSWER_TIMEOUT');
  });
});
