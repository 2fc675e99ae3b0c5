import type { RecordKind } from '../../base/room.ts';
import { integer, list, record, Type, type TObject, type TSchema } from '../../base/schema.ts';
import type { Registry } from '../../chain/machine/registry.ts';
import { cutPage, defaultLimit, makeCursor, nextCursor, pageQuery, readCursor } from '../cursor.ts';
import { heightProblems, heightQuery, waitForHeight } from '../min-height.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { component, defineRoute, ok, type Route } from '../route.ts';

/** Two reads for each kind of record of the registry. */
export const recordRoutes = (registry: Registry): readonly Route[] =>
  [...registry.records.values()].flatMap((kind) => [listRoute(kind), getRoute(kind)]);

interface ListQuery {
  readonly after?: string;
  readonly limit?: number;
  readonly state?: string;
  readonly search?: string;
  readonly minHeight?: number;
}

const shownHeight = () => integer(0, positionMax, 'That the answer shows');

function listRoute(kind: RecordKind): Route {
  const filters = filterFields(kind.schema);
  return defineRoute({
    id: `list.${kind.collection}`,
    method: 'get',
    path: `/v1/${kind.collection}`,
    tag: 'Records',
    summary: `${kind.title}: list`,
    description: 'In order of first appearance.',
    query: Type.Object(
      {
        ...pageQuery,
        ...stateQuery(kind.schema),
        search: Type.Optional(
          Type.String({ minLength: 1, maxLength: 200, description: 'Words that must all occur' }),
        ),
        ...Object.fromEntries(filters.map(([name, schema]) => [`where[${name}]`, schema])),
        ...heightQuery,
      },
      { additionalProperties: false },
    ),
    responses: ok(
      'A page of records.',
      record({
        height: shownHeight(),
        data: list(component(kind.name), 0, 200),
        next: nextCursor,
      }),
    ),
    problems: [apiResults.CURSOR_INVALID, ...heightProblems],
    cost: ({ query }) => {
      const { limit = defaultLimit, search } = query as ListQuery;
      return Math.ceil(limit / 4) + (search === undefined ? 0 : 50);
    },
    handle: async ({ services, query }) => {
      const {
        after,
        limit = defaultLimit,
        state,
        search,
        minHeight,
        ...where
      } = query as ListQuery;
      const place = readCursor(kind.collection, after);
      await waitForHeight(services, minHeight);
      const { height, value } = await services.projector.listRecords({
        kind: kind.name,
        limit: limit + 1,
        ...(place === undefined ? {} : { afterFirstLogIndex: place }),
        ...(state === undefined ? {} : { status: state }),
        ...(search === undefined ? {} : { search }),
        ...containing(where),
      });
      const { page, next } = cutPage(value, limit, (last) =>
        makeCursor(kind.collection, last.firstLogIndex),
      );
      return { status: 200, body: { height, data: page.map(({ body }) => body), next } };
    },
  });
}

function getRoute(kind: RecordKind): Route {
  const id = kind.schema.properties['id'];
  return defineRoute({
    id: `get.${kind.collection}`,
    method: 'get',
    path: `/v1/${kind.collection}/{id}`,
    tag: 'Records',
    summary: `${kind.title}: one`,
    params: Type.Object({ id: id ?? Type.String() }, { additionalProperties: false }),
    query: Type.Object(heightQuery, { additionalProperties: false }),
    responses: ok(
      'The record.',
      record({
        height: shownHeight(),
        data: component(kind.name),
        logIndex: integer(0, positionMax, 'Of the leaf that last changed it'),
      }),
    ),
    problems: [apiResults.NOT_FOUND, ...heightProblems],
    handle: async ({ services, params, query }) => {
      await waitForHeight(services, query.minHeight);
      const { id: wanted } = params as { readonly id: string };
      const { height, value } = await services.projector.getRecord(kind.name, wanted);
      if (!value) {
        const where = `No ${kind.name} ${wanted} at height ${height}.`;
        throw new Problem(apiResults.NOT_FOUND, where);
      }
      return { status: 200, body: { height, data: value.body, logIndex: value.logIndex } };
    },
  });
}

interface JsonSchemaNode {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchemaNode[];
}

/** The lifecycle's states, where the record has one. */
function stateQuery(schema: TObject): Record<string, TSchema> {
  const state = schema.properties['state'];
  return state === undefined ? {} : { state: Type.Optional(state) };
}

/**
 * What lists may be filtered by, with equality: top-level fields of text (also those that may be
 * null), whose values are sent as they stand in the record.
 */
function filterFields(schema: TObject): [string, TSchema][] {
  return Object.entries(schema.properties).flatMap(([name, field]) => {
    const node = field as JsonSchemaNode;
    const inner = node.anyOf?.find(({ type }) => type !== 'null') ?? node;
    if (inner.type !== 'string' || name === 'state' || name === 'id') return [];
    return [[name, Type.Optional(Type.Unsafe<unknown>(inner))] as [string, TSchema]];
  });
}

function containing(where: Record<string, unknown>): { contains?: Record<string, unknown> } {
  const members = Object.entries(where).map(([name, value]) => [
    name.slice('where['.length, -1),
    value,
  ]);
  if (members.length === 0) return {};
  return { contains: Object.fromEntries(members) as Record<string, unknown> };
}
