import { flag, integer, record } from '../../base/schema.ts';
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
    summary: 'The node can serve: engine, database and read model',
    responses: ok(
      'It can.',
      record({
        ready: flag(),
        height: integer(0, positionMax),
        projectionHeight: integer(0, positionMax),
      }),
    ),
    problems: [apiResults.NOT_READY],
    mayFail: false,
    handle: async ({ services: { engine, projector, limits } }) => {
      const notReady = (detail: string) => new Problem(apiResults.NOT_READY, detail);
      const cursor = await projector.readCursor().catch(() => {
        throw notReady('The database does not answer.');
      });
      const trouble = await engine.findTrouble?.();
      if (trouble) throw notReady(trouble);
      const { height } = engine.status();
      if (height - cursor.height > limits.projectionLagMaxBlocks) {
        throw notReady(`The read model is at height ${cursor.height}, the chain at ${height}.`);
      }
      return { status: 200, body: { ready: true, height, projectionHeight: cursor.height } };
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
