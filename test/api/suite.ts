/** What the suites of the API share: one exchange, one client that checks every answer. */
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { httpbis } from 'http-message-signatures';
import { openApiDocument, type OpenApiDocument } from '../../src/api/openapi.ts';
import type { ApiLimits } from '../../src/api/limits.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { assert } from '../../src/base/assert.ts';
import { fromHex, type Hex } from '../../src/base/bytes.ts';
import type { ResultCode } from '../../src/base/result.ts';
import { registry } from '../../src/chain/rooms.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { ApiClient, Coverage, type ApiAnswer, type ApiRequest } from '../support/api-client.ts';
import { admission, genesis, keyOf, openExchange, operator, sign } from './exchange.ts';
import type { TestExchange } from './exchange.ts';

export const document: OpenApiDocument = openApiDocument(registry, '0.0.0-test');

export const seller = keyOf('seller');

export class Suite {
  readonly coverage = new Coverage();
  readonly #validators = new Map();
  #exchange: TestExchange | null = null;
  #client: ApiClient | null = null;

  get exchange(): TestExchange {
    assert(this.#exchange, 'the suite is open');
    return this.#exchange;
  }

  get client(): ApiClient {
    assert(this.#client, 'the suite is open');
    return this.#client;
  }

  async open(): Promise<void> {
    this.#exchange = await openExchange();
    this.#client = await this.clientOf();
    await this.submit(sign(this.exchange, operator, [admission('the-seller', seller)]));
  }

  async close(): Promise<void> {
    await this.#exchange?.close();
  }

  /** A client of a node of its own, over the same exchange with parts changed. */
  async clientOf(
    changes?: Partial<Omit<ApiParts, 'limits'>>,
    limits?: Partial<ApiLimits>,
  ): Promise<ApiClient> {
    const baseUrl = await this.exchange.serve(changes, limits);
    return new ApiClient(baseUrl, document, this.coverage, this.#validators);
  }

  /** Submits and expects that everything was applied. */
  async submit(bytes: Uint8Array): Promise<ApiAnswer> {
    const answer = await this.client.call('submitTransaction', envelope(bytes));
    expect(answer.status, answer.text).to.equal(201);
    await this.exchange.settle();
    return answer;
  }

  /** Calls, expects this refusal, and that nothing of chain or database changed. */
  async refused(result: ResultCode, operation: string, request: ApiRequest): Promise<ApiAnswer> {
    await this.exchange.settle();
    const before = await this.fingerprint();
    const answer = await this.client.call(operation, request);
    expectProblem(answer, result);
    await this.exchange.settle();
    expect(await this.fingerprint(), 'a refusal changes nothing').to.deep.equal(before);
    return answer;
  }

  /** App hash, height and the number of rows of every table. */
  async fingerprint(): Promise<Record<string, unknown>> {
    const { height, appHash, pending } = this.exchange.engine.status();
    const counts = tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`);
    const [rows] = await this.exchange.query(`SELECT ${counts.join(', ')}`);
    return { height, appHash, pending, ...rows };
  }
}

const tables = [
  ...['genesis', 'head', 'block', 'envelope', 'leaf', 'state', 'record', 'event'],
  ...['used_nonce', 'idempotent_request', 'content_claim', 'content_upload'],
  'content_removal',
];

export const envelope = (bytes: Uint8Array, headers: Record<string, string> = {}): ApiRequest => ({
  body: bytes,
  headers: { 'content-type': 'application/cose', ...headers },
});

export function expectProblem(answer: ApiAnswer, result: ResultCode): void {
  expect(answer.status, answer.text).to.equal(result.status);
  expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
  const { name, code, title, remedy } = result;
  expect(answer.json).to.include({ name, code, title, remedy, status: result.status });
  expect(answer.json.type).to.equal(`/docs/errors#${name}`);
}

export interface RequestSigning {
  readonly key?: SigningKey;
  readonly fields?: string[];
  readonly params?: string[];
  readonly nonce?: string;
  readonly createdMs?: number;
  readonly tag?: string;
  readonly headers?: Record<string, string>;
}

/** Headers of a request signed by RFC 9421. */
export async function signed(
  method: string,
  url: string,
  { key = seller, headers = {}, ...more }: RequestSigning = {},
): Promise<Record<string, string>> {
  const message = await httpbis.signMessage(
    {
      key: {
        id: key.keyId,
        alg: 'ed25519',
        sign: async (data) => Buffer.from(key.sign(data)),
      },
      fields: more.fields ?? ['@method', '@path', ...Object.keys(headers)],
      params: more.params ?? ['created', 'nonce', 'keyid', 'alg', 'tag'],
      paramValues: {
        created: new Date(more.createdMs ?? Date.now()),
        nonce: more.nonce ?? randomUUID(),
        tag: more.tag ?? `dxl/${genesis.chainId}`,
      },
    },
    { method, url, headers },
  );
  return message.headers;
}

export const contentDigest = (sha256: Hex): string =>
  `sha-256=:${Buffer.from(fromHex(sha256)).toString('base64')}:`;
