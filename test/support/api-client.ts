/** A client that believes nothing: every answer is held against the OpenAPI document. */
import { expect } from 'chai';
import type { Ajv2020 as Ajv, ValidateFunction } from 'ajv/dist/2020.js';
import { assert } from '../../src/base/assert.ts';
import type { OpenApiDocument, OpenApiOperation } from '../../src/api/openapi.ts';
import { makeAjv } from '../../src/api/validate.ts';

export interface ApiRequest {
  readonly params?: Readonly<Record<string, string | number>>;
  /** The query as it is sent, without `?`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
  /** The body's last byte is never sent. */
  readonly unfinished?: boolean;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- every answer has been checked against its schema; tests then read it by its paths
export type Json = any;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** undefined where the answer is not JSON. */
  readonly json: Json;
}

interface Documented {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** Operation × status of every answer that a client of this run has seen. */
export class Coverage {
  readonly #seen = new Set<string>();

  add(operationId: string, status: number): void {
    this.#seen.add(`${operationId} ${status}`);
  }

  /** What the document names and nobody has seen. */
  missing(document: OpenApiDocument): string[] {
    return operationsOf(document)
      .flatMap(({ operation }) =>
        Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`),
      )
      .filter((wanted) => !this.#seen.has(wanted));
  }
}

export function operationsOf(document: OpenApiDocument): Documented[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

/** All but the last byte, and then nothing. */
const unfinished = (body: Uint8Array | string): RequestInit => ({
  body: new ReadableStream({
    start: (stream) => stream.enqueue(Buffer.from(body).subarray(0, -1)),
  }),
  duplex: 'half',
});

export class ApiClient {
  readonly #document: OpenApiDocument;
  readonly #operations: ReadonlyMap<string, Documented>;
  readonly #validators: Map<string, ValidateFunction>;
  readonly #coverage: Coverage;
  readonly baseUrl: string;

  constructor(
    baseUrl: string,
    document: OpenApiDocument,
    coverage: Coverage,
    validators = new Map<string, ValidateFunction>(),
  ) {
    this.baseUrl = baseUrl;
    this.#document = document;
    this.#coverage = coverage;
    this.#validators = validators;
    this.#operations = new Map(
      operationsOf(document).map((found) => [found.operation.operationId, found]),
    );
  }

  urlOf(operationId: string, { params = {}, query }: ApiRequest = {}): string {
    const path = this.#find(operationId).path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(params[name])),
    );
    return `${this.baseUrl}${path}${query === undefined ? '' : `?${query}`}`;
  }

  async call(operationId: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    const { method } = this.#find(operationId);
    const body = request.json === undefined ? request.body : JSON.stringify(request.json);
    const response = await fetch(this.urlOf(operationId, request), {
      method: method.toUpperCase(),
      headers: {
        ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(body === undefined ? {} : request.unfinished ? unfinished(body) : { body }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = Buffer.from(bytes).toString('utf8');
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const json = type.endsWith('json') && text !== '' ? JSON.parse(text) : undefined;
    this.#check(operationId, response.status, type, json);
    return { status: response.status, headers: response.headers, text, bytes, json };
  }

  #find(operationId: string): Documented {
    const found = this.#operations.get(operationId);
    assert(found, `the document has an operation ${operationId}`);
    return found;
  }

  #check(operationId: string, status: number, type: string, json: unknown): void {
    const { operation, method } = this.#find(operationId);
    const documented = operation.responses[status];
    const shown = `${operationId} ${status} ${JSON.stringify(json)}`;
    assert(documented, `${operationId} documents status ${status}: ${JSON.stringify(json)}`);
    this.#coverage.add(operationId, status);
    if (method === 'head' || documented.content === undefined) return;
    const content = documented.content[type] ?? documented.content['*/*'];
    assert(content, `${shown} documents ${type}`);
    if (!type.endsWith('json')) return;
    const validate = this.#validator(`${operationId} ${status}`, content.schema);
    expect(validate(json), `${shown} ${JSON.stringify(validate.errors)}`).to.equal(true);
  }

  #validator(name: string, schema: unknown): ValidateFunction {
    const known = this.#validators.get(name);
    if (known) return known;
    const made = ajvOf(this.#document).compile(withDefinitions(schema) as object);
    this.#validators.set(name, made);
    return made;
  }
}

const definitionsId = 'openapi';

/** The document's components are definitions of a schema beside the one at hand. */
const withDefinitions = (schema: unknown): unknown =>
  JSON.parse(
    JSON.stringify(schema).replaceAll('#/components/schemas/', `${definitionsId}#/$defs/`),
  ) as unknown;

const ajvByDocument = new WeakMap<OpenApiDocument, Ajv>();

/** One for all clients of a document: compiling its components again took a third of their time. */
function ajvOf(document: OpenApiDocument): Ajv {
  const known = ajvByDocument.get(document);
  if (known) return known;
  const made = makeAjv({});
  made.addSchema({
    $id: definitionsId,
    $defs: withDefinitions(document.components.schemas) as object,
  });
  ajvByDocument.set(document, made);
  return made;
}
