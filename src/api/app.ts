import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import { randomUUID } from 'node:crypto';
import { pinoHttp } from 'pino-http';
import { assert } from '../base/assert.ts';
import { databaseTrouble } from '../store/database-trouble.ts';
import { proxiesOf } from './address.ts';
import type { BodyBudget } from './body-holding.ts';
import { CatchUp } from './catch-up.ts';
import { handlerOf } from './dispatch.ts';
import { EventFeed } from './event-feed.ts';
import { HeldBytes } from './held-bytes.ts';
import { makeMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problem.ts';
import { writeProblem } from './problem-answer.ts';
import { LongWork } from './long-work.ts';
import { makeRateLimiter } from './rate-limit.ts';
import { apiResults } from './results.ts';
import type { Route, Services } from './route.ts';
import { allRoutes } from './routes.ts';
import type { SlowUploads } from './slow-uploads.ts';
import { StreamPlaces } from './stream-places.ts';
import type { Traffic } from './traffic.ts';
import { makeValidators } from './validate.ts';

/**
 * The HTTP face of one node: an Express application that is not listening yet; server.ts has what
 * bounds its connections.
 */
export function createApi(
  parts: ApiParts,
  traffic: Traffic,
  bodies: BodyBudget,
  slowUploads: SlowUploads,
): Express {
  const { limits, log, projector } = parts;
  const places = new StreamPlaces(limits);
  const services: Services = {
    ...parts,
    places,
    slowUploads,
    feed: new EventFeed({ projector, log, ringBytesMax: limits.eventRingBytesMax }),
    catchUp: new CatchUp({ projector, limits }),
    work: new LongWork(limits.longWorkMsPerSecond),
    bodies,
    answers: new HeldBytes(limits.answerBytesMax),
    limiter: makeRateLimiter(limits),
    metrics: makeMetrics(parts, places, traffic),
    openApi: once(() => JSON.stringify(openApiDocument(parts.registry, parts.version))),
  };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', false);
  app.set('trust proxy', proxiesOf(parts.trustedProxies ?? []));
  app.use(requestLog(parts));
  app.use(measure(services));
  app.use(securityHeaders);
  app.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use(services.limiter.handler);
  mount(app, services);
  app.use((request) => {
    throw new Problem(apiResults.NOT_FOUND, `Nothing is at ${request.path}.`);
  });
  app.use(sendProblem(parts));
  return app;
}

function mount(app: Express, services: Services): void {
  const validators = makeValidators();
  const routes = allRoutes(services.registry);
  const methods = new Map<string, Route['method'][]>();
  for (const route of routes) {
    const path = expressPath(route.path);
    const known = methods.get(path) ?? [];
    assert(!known.includes(route.method), `${route.method} ${route.path} is defined once`);
    methods.set(path, [...known, route.method]);
    app[route.method](path, handlerOf(route, services, validators));
  }
  const others = once(() => otherMethods(methods));
  app.use((request, response, next) => void others()(request, response, next));
}

/** Refuses what no route has taken, where others of the same path would. */
function otherMethods(methods: ReadonlyMap<string, readonly Route['method'][]>): express.Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const [path, known] of methods) {
    const allow = known.map((method) => method.toUpperCase()).join(', ');
    router.all(path, (request) => {
      throw new Problem(apiResults.METHOD_NOT_ALLOWED, `${request.method}; taken: ${allow}.`, {
        headers: { Allow: allow },
      });
    });
  }
  return router;
}

/** What no node needs to begin: made when it is first asked for. */
function once<Value extends string | express.Router>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

const expressPath = (path: string): string =>
  path
    .replaceAll(':', '\\:')
    .replaceAll(/\{(\w+)\}/g, ':$1')
    .replaceAll(/\{\+(\w+)\}/g, '*$1');

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
});

/** Method, path, status and time; never a query, a header or a body. */
const requestLog = ({ log }: ApiParts) =>
  pinoHttp({
    logger: log,
    genReqId: () => randomUUID(),
    serializers: {
      req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
        id,
        method,
        path: url.split('?', 1)[0],
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
    customLogLevel: (_request, response, error) =>
      error !== undefined || response.statusCode === 500 ? 'error' : 'info',
  });

/** As the log has it; always text: genReqId makes it. */
const idOf = (request: express.Request): string => request.id as string;

const measure =
  ({ metrics }: Services): express.RequestHandler =>
  (request, response, next) => {
    const start = process.hrtime.bigint();
    response.setHeader('X-Request-Id', idOf(request));
    response.once('finish', () => {
      const operation = String(response.locals['operation'] ?? 'none');
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      metrics.observe(operation, response.statusCode, seconds);
    });
    next();
  };

const sendProblem =
  ({ log }: ApiParts): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    if (response.writableEnded || response.closed || isBrokenOff(error, request)) {
      // Nobody is there to be answered, or the server has answered a body that came too slowly.
      log.info({ requestId: request.id }, 'the client broke off its request');
      return;
    }
    const problem = problemOf(error, request.path);
    if (problem.result === apiResults.INTERNAL) {
      log.error({ err: error, requestId: request.id }, 'a request failed');
    }
    if (response.headersSent) {
      // Half an answer is out: the client sees a connection that breaks off.
      response.destroy();
      return;
    }
    writeProblem(response, problem, request);
  };

/** Of the request's own stream, which ended before it should. */
const isBrokenOff = (error: unknown, { errored }: express.Request): boolean =>
  errored !== null && errored === error;

/** What is not meant for the client becomes INTERNAL, which says nothing of its cause. */
function problemOf(error: unknown, path: string): Problem {
  if (error instanceof Problem) return error;
  const trouble = databaseTrouble(error);
  if (trouble !== null) {
    return new Problem(apiResults.DATABASE_UNAVAILABLE, trouble, {
      headers: { 'Retry-After': '2' },
    });
  }
  const { status } = error as { status?: unknown };
  if (error instanceof URIError || (status === 400 && error instanceof Error)) {
    return new Problem(apiResults.INVALID_PATH, `${path} is not a well-formed path.`);
  }
  return new Problem(apiResults.INTERNAL, 'The cause is in the operator’s logs.');
}
