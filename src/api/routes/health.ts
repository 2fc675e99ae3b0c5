import { flag, integer, list, record, text } from '../../base/schema.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { defineRoute, ok, type Route } from '../route.ts';

const metricsType = 'text/plain';

export const healthRoutes: readonly Route[] = [
  defineRoute({
    id: 'getHealth',
    method: 'get',
    path: '/healthz',
    tag: 'Node',
    summary: 'The process answers',
    responses: ok('It does.', record({ alive: flag() })),
    mayFail: false,
    handle: () => ({ status: 200, body: { alive: true } }),
  }),
  defineRoute({
    id: 'getReadiness',
    method: 'get',
    path: '/readyz',
    tag: 'Node',
    summary: 'The node can serve: database, engine, read models and what else it needs',
    description:
      'Answers within a second, whatever the database does. Where the node is not ready, `checks` ' +
      'names what is lacking and what to do. `notices` names what is to be done in time, while the node ' +
      'serves: a calendar that ends within 90 days, a machine version that the program does not know.',
    responses: ok(
      'It can.',
      record({
        ready: flag(),
        height: integer(0, positionMax),
        projectionHeight: integer(0, positionMax),
        notices: list(record({ name: text(40), detail: text(1000) }), 0, 8),
      }),
    ),
    problems: [apiResults.NOT_READY],
    mayFail: false,
    handle: async ({ services: { engine, projector, readiness, notices } }) => {
      const checks = await readiness.ask();
      if (checks.length > 0) {
        const detail = checks.map(({ name, detail: why }) => `${name}: ${why}`).join(' ');
        throw new Problem(apiResults.NOT_READY, detail, {
          checks,
          headers: { 'Retry-After': '1' },
        });
      }
      const { height } = engine.status();
      return {
        status: 200,
        body: {
          ready: true,
          height,
          projectionHeight: projector.shownHeight(),
          notices: notices.newest(),
        },
      };
    },
  }),
  defineRoute({
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'Node',
    summary: 'Prometheus metrics',
    responses: { 200: { description: 'The metrics.', type: metricsType } },
    handle: async ({ services: { metrics } }) => ({
      status: 200,
      type: metrics.contentType,
      body: await metrics.read(),
    }),
  }),
];
