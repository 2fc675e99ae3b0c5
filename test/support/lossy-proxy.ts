/** An HTTP proxy that loses what passes: what it does to each request is drawn from a seed. */
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const losses = [
  /** The request never comes to the exchange; the client's connection breaks. */
  'drop request',
  /** The exchange serves it, and the client's connection breaks. */
  'drop answer',
  /** The head of the answer comes, and half of its body. */
  'cut answer',
  /** The exchange serves it twice at once; the client gets the second answer. */
  'twice',
  /** The client is answered 502 and the exchange serves it; the same with 504 before it came there. */
  '502 after',
  '504 before',
  /** The client's connection breaks, and the request comes to the exchange when others have passed. */
  'delay',
  /** It comes to the exchange when its expiry height has passed; or its answer does, and is lost. */
  'late request',
  'late answer',
] as const;
export type Loss = (typeof losses)[number];

export interface LossyProxy {
  readonly url: string;
  /** Of requests that submit, how often each loss was done. */
  readonly done: ReadonlyMap<Loss, number>;
  /** Sends what is held back on to the exchange now; resolves when it was answered. */
  release(): Promise<void>;
  close(): Promise<void>;
}

export interface LossyOptions {
  /** Of the node of the exchange that serves the next request. */
  readonly target: () => string;
  /** What is done to a request that submits, of its path and body; null lets it pass. */
  readonly draw: (path: string, body: Uint8Array) => Loss | null;
  /** Makes as many blocks as an envelope may wait for. */
  readonly expire: () => Promise<void>;
}

interface Passed {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Requests that submit are lost; those that read pass. */
export async function openLossyProxy({ target, draw, expire }: LossyOptions): Promise<LossyProxy> {
  const done = new Map<Loss, number>();
  let held: (() => Promise<unknown>)[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const pass = (): Promise<Passed> => passOn(target(), request, body);
    const loss = request.method === 'POST' ? draw(request.url ?? '', body) : null;
    if (loss) done.set(loss, (done.get(loss) ?? 0) + 1);
    if (loss === 'delay') held.push(pass);
    if (loss === 'drop request' || loss === 'delay') return void response.destroy();
    if (loss === '504 before') return void response.writeHead(504).end('<h1>Gateway</h1>');
    if (loss === 'late request') await expire();
    const first = loss === 'twice' ? pass() : null;
    const answer = await pass();
    await first;
    if (loss === 'late answer') await expire();
    if (loss === 'drop answer' || loss === 'late answer') return void response.destroy();
    if (loss === '502 after') return void response.writeHead(502).end('<h1>Gateway</h1>');
    response.writeHead(answer.status, answer.headers);
    if (loss !== 'cut answer') return void response.end(answer.body);
    const half = answer.body.subarray(0, answer.body.length / 2);
    response.write(half, () => response.destroy());
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    async release() {
      const late = held;
      held = [];
      for (const pass of late) await pass();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function passOn(target: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<Passed>((resolve, reject) => {
    const sent = ask(new URL(url ?? '/', target), { method, headers, agent: false }, (answer) => {
      const { statusCode: status = 0, headers: own } = answer;
      bodyOf(answer).then((whole) => resolve({ status, headers: own, body: whole }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
