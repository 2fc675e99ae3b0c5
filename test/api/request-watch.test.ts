import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { RequestWatch } from '../../src/api/request-watch.ts';
import { RawClient } from '../support/raw-client.ts';

const limits = {
  bodyBytesPerSecondMin: 10,
  bodyWindowMs: 1_000,
  answerBytesPerSecondMin: 10,
  answerWindowMs: 1_000,
};

describe('api: the watch over requests in hand', () => {
  let nowMs = 0;
  let told: string[] = [];
  const watch = new RequestWatch({
    limits,
    nowMs: () => nowMs,
    onSlowBody: () => told.push('body'),
    onSlowReader: () => told.push('reader'),
  });
  let onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    watch.add(request, response);
    onRequest(request, response);
  });
  let baseUrl = '';
  let client: RawClient;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(async () => {
    told = [];
    client = await RawClient.open(baseUrl);
  });
  afterEach(() => client.close());
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const asked = (): Promise<[IncomingMessage, ServerResponse]> =>
    new Promise((resolve) => (onRequest = (...call) => resolve(call)));
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 200) {
      nowMs += Math.min(left, 200);
      watch.look();
    }
  };

  interface Begun {
    readonly response: ServerResponse;
    /** Resolves when it is read here. */
    readonly send: (text: string) => Promise<void>;
  }

  /** A request of which all but the body has come; that is read as it comes. */
  async function beginBody(): Promise<Begun> {
    const waiting = asked();
    client.ask('POST /', { 'Content-Length': 1_000 });
    const [request, response] = await waiting;
    request.resume();
    const send = async (text: string): Promise<void> => {
      const came = once(request, 'data');
      client.send(text);
      await came;
    };
    return { response, send };
  }

  it('lets a body come slowly as long as each window brings enough', async () => {
    const { send } = await beginBody();
    for (let window = 0; window < 20; window += 1) {
      await send('ten bytes!');
      pass(1_000);
    }
    expect(told).to.deep.equal([]);
    await send('nine bytes'.slice(1));
    pass(1_000);
    expect(told).to.deep.equal(['body']);
  });

  it('tells of none before its window has passed', async () => {
    await beginBody();
    pass(999);
    expect(told).to.deep.equal([]);
    pass(1);
    expect(told).to.deep.equal(['body']);
  });

  it('blames nobody for time in which it could not look itself', async () => {
    await beginBody();
    nowMs += 60_000;
    watch.look();
    expect(told).to.deep.equal([]);
    pass(1_000);
    expect(told).to.deep.equal(['body']);
  });

  it('blames nobody for a body that nobody begins to read', async () => {
    const waiting = asked();
    client.ask('POST /', { 'Content-Length': 1_000 });
    const [request] = await waiting;
    pass(5_000);
    expect(told).to.deep.equal([]);
    request.resume();
    pass(999);
    expect(told).to.deep.equal([]);
    pass(1);
    expect(told).to.deep.equal(['body']);
  });

  it('blames nobody for bytes that have come and are not read here', async () => {
    const waiting = asked();
    client.ask('POST /', { 'Content-Length': 1_000 }).send('some');
    const [request] = await waiting;
    while (request.readableLength === 0) await new Promise(setImmediate);
    for (let window = 0; window < 5; window += 1) pass(1_000);
    expect(told).to.deep.equal([]);
    request.resume();
    await once(request, 'data');
    pass(1_000);
    expect(told).to.deep.equal(['body']);
  });

  it('tells of a body that goes on after its answer, however fast', async () => {
    const { send, response } = await beginBody();
    await send('x');
    response.end('done');
    await once(response, 'close');
    await send('x'.repeat(500));
    pass(1_000);
    expect(told).to.deep.equal(['body']);
  });

  it('forgets a request whose body and answer have ended', async () => {
    const waiting = asked();
    client.ask('GET /');
    const [request, response] = await waiting;
    expect(watch.isBusy(request.socket)).to.equal(true);
    response.end('done');
    await once(response, 'close');
    expect(watch.isBusy(request.socket)).to.equal(false);
    pass(5_000);
    expect(told).to.deep.equal([]);
  });

  /** More than the system takes for a client that does not read, in pieces as the API sends it. */
  const send = (response: ServerResponse): void => {
    const pieces = Array.from({ length: 1_024 }, () => Buffer.alloc(64 * 1024));
    pipeline(Readable.from(pieces), response, () => undefined);
  };

  /** Until the system takes no more. */
  async function fill(socket: Socket): Promise<void> {
    for (let before = -1; socket.bytesWritten !== before || socket.writableLength === 0;) {
      before = socket.bytesWritten;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('tells of a client that takes nothing of its answer', async () => {
    const waiting = asked();
    client.ask('GET /').stopReading();
    const [request, response] = await waiting;
    send(response);
    await fill(request.socket);
    // From the first look that finds something waiting.
    pass(200);
    pass(999);
    expect(told).to.deep.equal([]);
    pass(1);
    expect(told).to.deep.equal(['reader']);
  });

  it('leaves an answer alone that goes on, however long it takes', async () => {
    const waiting = asked();
    client.ask('GET /').stopReading();
    const [request, response] = await waiting;
    send(response);
    for (let window = 0; window < 4; window += 1) {
      await fill(request.socket);
      pass(1_000);
      const sent = request.socket.bytesWritten;
      client.socket.resume();
      while (request.socket.bytesWritten === sent) await new Promise(setImmediate);
      client.socket.pause();
    }
    expect(told).to.deep.equal([]);
  });
});
