/** The real tus-js-client against the routes for uploads, through a connection that is cut. */
import { expect } from 'chai';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Upload, type HttpRequest, type UploadOptions } from 'tus-js-client';
import { admission, idOf, keyOf, openExchange, operator, sign } from './exchange.ts';
import type { TestExchange } from './exchange.ts';
import { signed } from './suite.ts';

const key = keyOf('tus-seller');
const content = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, at) => (at * 7) & 0xff));

describe('tus-js-client', () => {
  let exchange: TestExchange;
  let port = 0;
  const proxies: Server[] = [];
  const sockets = new Set<Socket>();

  before(async () => {
    exchange = await openExchange();
    await exchange.engine.submit(sign(exchange, operator, [admission('tus-seller', key)]));
    port = Number(new URL(await exchange.serve()).port);
  });

  after(async () => {
    for (const socket of sockets) socket.destroy();
    for (const proxy of proxies) proxy.close();
    await exchange.close();
  });

  /** Passes bytes on, and cuts the connection once when so many have come from the client. */
  async function cuttingProxy(cutAfterBytes: number): Promise<{ url: string; cuts: () => number }> {
    let seen = 0;
    let cuts = 0;
    const proxy = createServer((client) => {
      const server = connect(port, '127.0.0.1');
      for (const socket of [client, server]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [client, server].forEach((either) => either.destroy()));
      }
      server.pipe(client);
      client.on('data', (chunk: Buffer) => {
        seen += chunk.length;
        server.write(chunk);
        if (cuts > 0 || seen < cutAfterBytes) return;
        cuts += 1;
        // What was written goes out first.
        server.end(() => client.destroy());
      });
    });
    proxies.push(proxy);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port: own } = proxy.address() as AddressInfo;
    return { url: `http://127.0.0.1:${own}`, cuts: () => cuts };
  }

  const covered: Readonly<Record<string, readonly string[]>> = {
    POST: ['Upload-Length', 'Upload-Metadata'],
    PATCH: ['Upload-Offset'],
  };

  /** As RFC 9421 asks: each request anew, for a nonce serves once. */
  async function signRequest(request: HttpRequest): Promise<void> {
    const method = request.getMethod();
    const names = covered[method] ?? [];
    const headers = Object.fromEntries(
      names.map((name) => [name.toLowerCase(), request.getHeader(name)!]),
    );
    const own = await signed(method, request.getURL(), { key, headers });
    for (const name of ['Signature', 'Signature-Input']) request.setHeader(name, own[name]!);
  }

  const send = (url: string, options: Partial<UploadOptions> = {}): Promise<void> =>
    new Promise((resolve, reject) => {
      new Upload(content, {
        endpoint: `${url}/v1/uploads`,
        metadata: { sha256: idOf(content) },
        retryDelays: [0, 10, 50, 100, 200],
        onBeforeRequest: signRequest,
        onSuccess: () => resolve(),
        onError: reject,
        ...options,
      }).start();
    });

  it('sends what is kept then, and goes on where the connection was cut', async () => {
    const { url, cuts } = await cuttingProxy(250_000);
    const offsets: number[] = [];
    await send(url, { onProgress: (sent) => offsets.push(sent) });
    expect(cuts()).to.equal(1);
    expect(await exchange.parts.content.has(idOf(content))).to.equal(true);
    expect(offsets.at(-1)).to.equal(content.length);
    const operations = exchange.logged.filter((line) => line.includes('/v1/uploads'));
    expect(operations.filter((line) => line.includes('"HEAD"')).length).to.be.greaterThan(0);
  });

  it('sends in chunks', async () => {
    const { url, cuts } = await cuttingProxy(Infinity);
    await send(url, { chunkSize: 100_000, metadata: { sha256: idOf(content) } });
    expect(cuts()).to.equal(0);
  });

  it('is told of bytes that are not those of its digest, and does not go on', async () => {
    const { url } = await cuttingProxy(Infinity);
    const wrong = 'ab'.repeat(32);
    const error = await send(url, { metadata: { sha256: wrong }, retryDelays: [] }).then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).to.include('DIGEST_MISMATCH');
    expect(await exchange.parts.content.has(wrong)).to.equal(false);
  });

  it('is refused without signatures', async () => {
    const { url } = await cuttingProxy(Infinity);
    const error = await send(url, { onBeforeRequest: () => undefined, retryDelays: [] }).then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).to.include('REQUEST_SIGNATURE_MISSING');
  });
});
