/** A stand-in for what a real node does not do on command: fail, stall, break off. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Hex } from '../../src/base/hash.ts';
import { parseEnvelope, type Envelope } from '../../src/chain/tx/envelope.ts';

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answer = (sent: Sent, response: ServerResponse) => void;

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
};

export const problem = (response: ServerResponse, status: number, name: string, more = {}): void =>
  json(response, status, {
    status,
    name,
    code: 9999,
    title: `${name}.`,
    detail: 'Detail.',
    remedy: 'Remedy.',
    ...more,
  });

export const receiptOf = (id: string, height = 5) => ({
  envelopeId: id,
  height,
  position: 0,
  timeMs: 1,
  resultCode: 0,
  resultName: 'OK',
  failedOperation: null,
  detail: '',
  logIndex: 9,
  appHash: '00'.repeat(32),
});

export const envelopeOf = ({ body }: Sent): Envelope => {
  const parsed = parseEnvelope(new Uint8Array(body), {
    envelopeBytesMax: 65_536,
    operationsMax: 9,
  });
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
};

export class FakeExchange {
  readonly sent: Sent[] = [];
  /** By `METHOD path`; the key without its last segment for all below it. */
  readonly answers = new Map<string, Answer>();
  chainId = 'dxl-fake';
  expirySpanMax: unknown = 100_000;
  nextSequence = 1;
  height = 4;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.answers.set('GET /v1/genesis', (_sent, response) =>
      json(response, 200, {
        genesis: { chainId: this.chainId, parameters: { expirySpanMax: this.expirySpanMax } },
      }),
    );
    this.answers.set('GET /v1/status', (_sent, response) =>
      json(response, 200, {
        chainId: this.chainId,
        height: this.height,
        projection: { height: this.height, logIndex: 8 },
      }),
    );
    this.answers.set('GET /v1/keys', (_sent, response) =>
      json(response, 200, { chainId: this.chainId, nextSequence: this.nextSequence }),
    );
    this.answers.set('POST /v1/transactions', (sent, response) =>
      json(response, 201, receiptOf(sha256Hex(sent.body))),
    );
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  posted(): Sent[] {
    return this.sent.filter(({ method }) => method === 'POST');
  }

  /** Answers in turn; the last one for ever. */
  inTurn(key: string, ...answers: Answer[]): void {
    let turn = 0;
    this.answers.set(key, (sent, response) => {
      const answer = answers[Math.min(turn, answers.length - 1)]!;
      turn += 1;
      answer(sent, response);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const { method = '', url = '', headers } = request;
    const path = url.split('?', 1)[0] ?? '';
    const sent = { method, path, headers, body: Buffer.concat(pieces) };
    this.sent.push(sent);
    const key = `${method} ${path}`;
    const above = key.split('/').slice(0, 3).join('/');
    const answer = this.answers.get(key) ?? this.answers.get(above);
    if (answer) answer(sent, response);
    else problem(response, 404, 'NOT_FOUND');
  }
}
