import { list, record, Type } from '../../base/schema.ts';
import { removalView } from '../content-removal.ts';
import { cutPage, defaultLimit, makeCursor, nextCursor, pageQuery, readCursor } from '../cursor.ts';
import { checkSignature, signatureHeaders, signatureProblems } from '../request-signature.ts';
import { apiResults } from '../results.ts';
import { component, defineRoute, ok, type Route } from '../route.ts';

const cursorName = 'content-removals';

export const contentRemovalRoutes: readonly Route[] = [
  defineRoute({
    id: 'listContentRemovals',
    method: 'get',
    path: '/v1/content-removals',
    tag: 'Content',
    summary: 'Content that is due to be removed, and what was',
    description:
      'Of content that the key’s organisation has sent, or that a record names which names the ' +
      'organisation: in order of the notices. Fetch before `dueAtMs` what is still needed; downloads ' +
      'tell the same date in their Sunset header (RFC 8594).',
    query: Type.Object(pageQuery, { additionalProperties: false }),
    headers: signatureHeaders,
    responses: ok(
      'A page of notices.',
      record({ data: list(component('removal'), 0, 200), next: nextCursor }),
    ),
    problems: [...signatureProblems, apiResults.CURSOR_INVALID],
    cost: ({ query: { limit = defaultLimit } }) => Math.ceil(limit / 4),
    handle: async ({ services, query: { after, limit = defaultLimit }, request }) => {
      const place = readCursor(cursorName, after);
      const { organisationId } = await checkSignature(services, request, []);
      const rows = await services.removals.listFor(organisationId, {
        ...{ limit: limit + 1 },
        ...(place === undefined ? {} : { after: place }),
      });
      const { page, next } = cutPage(rows, limit, ({ number }) => makeCursor(cursorName, number));
      return { status: 200, body: { data: page.map(removalView), next } };
    },
  }),
];
