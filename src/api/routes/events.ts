import { integer, list, nullable, record, Type } from '../../base/schema.ts';
import { defaultLimit, pageQuery } from '../cursor.ts';
import { eventFilter, eventView } from '../event-view.ts';
import { heightProblems, heightQuery, waitForHeight } from '../min-height.ts';
import { positionMax } from '../receipt.ts';
import { component, defineRoute, ok, type Route } from '../route.ts';

export const eventRoutes: readonly Route[] = [
  defineRoute({
    id: 'listEvents',
    method: 'get',
    path: '/v1/events',
    tag: 'Events',
    summary: 'Events in log order',
    query: Type.Object(
      {
        after: Type.Optional(
          Type.Integer({
            minimum: -1,
            maximum: positionMax,
            description: 'Log index of the last event seen; -1 or absent: from the first event',
          }),
        ),
        limit: pageQuery.limit,
        ...eventFilter,
        ...heightQuery,
      },
      { additionalProperties: false },
    ),
    responses: ok(
      'A page of events.',
      record({
        height: integer(0, positionMax, 'That the page shows'),
        data: list(component('event'), 0, 200),
        next: nullable(integer(0, positionMax, 'Pass as `after`; null: this is the last page now')),
      }),
    ),
    problems: heightProblems,
    cost: ({ query }) => Math.ceil((query.limit ?? defaultLimit) / 4),
    handle: async ({ services, query }) => {
      const { after = -1, limit = defaultLimit, minHeight, ...filter } = query;
      await waitForHeight(services, minHeight);
      const { height, value } = await services.projector.listEvents({
        after,
        limit: limit + 1,
        ...filter,
      });
      const page = value.slice(0, limit);
      const next = value.length > limit ? (page.at(-1)?.logIndex ?? null) : null;
      return { status: 200, body: { height, data: page.map(eventView), next } };
    },
  }),
];
