import type { ResultCode } from '../base/result.ts';
import { Type, type TObject, type TSchema } from '../base/schema.ts';
import type { Registry } from '../chain/machine/registry.ts';
import { proofFileSchemas } from '../proof/schema.ts';
import { checkpointSchema } from './checkpoint-view.ts';
import { commandComponent } from './decoded-operation.ts';
import { commonProblems } from './dispatch.ts';
import { eventSchema } from './event-view.ts';
import { problemSchema, problemType } from './problem.ts';
import { receiptSchema } from './receipt.ts';
import { component, jsonType, type ResponseSpec, type Route } from './route.ts';
import { allRoutes } from './routes.ts';
import { blobSchema } from './routes/blobs.ts';
import { removalSchema } from './content-removal.ts';
import { announcementSchema, contentSchema } from './routes/content.ts';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }>
  >;
  readonly [member: string]: unknown;
}

/** OpenAPI 3.1 of every route: from the schemas that validate, so it cannot say otherwise. */
export function openApiDocument(registry: Registry, version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of allRoutes(registry)) {
    // OpenAPI has no form for a member of several parts.
    const path = route.path.replaceAll('{+', '{');
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Data Exchange Ledger',
      version,
      license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' },
      description:
        'Writes are signed envelopes; reads name the height that they show. Every error is a ' +
        'problem document (RFC 9457) with a numbered code, listed at /docs/errors.',
    },
    paths,
    components: { schemas: componentSchemas(registry) },
  };
  // Schemas carry members of typebox that are not JSON.
  return JSON.parse(JSON.stringify(document)) as OpenApiDocument;
}

function componentSchemas(registry: Registry): Record<string, TSchema> {
  return {
    problem: problemSchema,
    receipt: receiptSchema,
    checkpoint: checkpointSchema,
    event: eventSchema,
    proofFile: Type.Union(Object.values(proofFileSchemas)),
    blob: blobSchema,
    content: contentSchema,
    announcement: announcementSchema,
    removal: removalSchema,
    ...Object.fromEntries([...registry.records.values()].map(({ name, schema }) => [name, schema])),
    ...Object.fromEntries(
      [...registry.operations.values()].map(({ name, command }) => [
        commandComponent(name),
        command,
      ]),
    ),
  };
}

function operationOf(route: Route): OpenApiOperation {
  const { id, tag, summary, description, headers } = route;
  const parameters = [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...headers.map((header) => ({ ...header, in: 'header', schema: { type: 'string' } })),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === '' ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === null ? {} : { requestBody: requestBodyOf(route.body) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, spec]) => [status, responseOf(spec)]),
      ),
      ...problemResponses([...route.problems, ...commonProblems(route)], route.method === 'head'),
    },
  };
}

function parametersOf(schema: TObject, place: 'path' | 'query') {
  const { properties, required } = schema as {
    properties: TObject['properties'];
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const { description } = property as { description?: string };
    return {
      name,
      in: place,
      required: required?.includes(name) ?? false,
      ...(description === undefined ? {} : { description }),
      schema: property,
    };
  });
}

function requestBodyOf({ json, bytes, stream }: NonNullable<Route['body']>) {
  const binary = [bytes, stream].filter((type) => type !== undefined);
  return {
    required: true,
    content: {
      ...(json === undefined ? {} : { [jsonType]: { schema: json } }),
      ...Object.fromEntries(binary.map((type) => [type, {}])),
    },
  };
}

function responseOf({ description, type, schema, example }: ResponseSpec) {
  if (type === null) return { description };
  const json = { schema, ...(example === undefined ? {} : { example }) };
  const body = type === jsonType ? json : type.startsWith('text/') ? text : {};
  return { description, content: { [type]: body } };
}

const text = { schema: { type: 'string' } };

/** One response for each status, naming the codes that come with it. */
function problemResponses(problems: readonly ResultCode[], empty: boolean) {
  const byStatus = new Map<number, ResultCode[]>();
  for (const result of new Set(problems)) {
    byStatus.set(result.status, [...(byStatus.get(result.status) ?? []), result]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, results]) => [
      status,
      {
        description: results.map(({ name }) => name).join(', '),
        ...(empty ? {} : { content: { [problemType]: { schema: component('problem') } } }),
      },
    ]),
  );
}
