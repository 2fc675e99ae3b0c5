import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { shown } from '../base/field-fault.ts';
import { exampleOf, formOf, nodeAt } from '../base/field-form.ts';
import { memberPointer } from '../base/json-pointer.ts';
import type { ResultCode } from '../base/result.ts';
import type { TSchema } from '../base/schema.ts';
import { answerInTime } from './answer-in-time.ts';
import { readBody } from './body.ts';
import { clientNetwork } from './address.ts';
import { BodyHolding, exhausted } from './body-holding.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import { jsonType, type Reply, type Route, type Services } from './route.ts';
import { fieldProblem, type Validators } from './validate.ts';

export type Handler = (request: Request, response: Response) => Promise<void>;

/** Codes that a route may answer with beside its own. */
export function commonProblems(route: Route): readonly ResultCode[] {
  const { INVALID_QUERY, INVALID_PATH, NOT_ACCEPTABLE, RATE_LIMITED, INTERNAL } = apiResults;
  const { INVALID_BODY, UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, REQUEST_TIMEOUT } = apiResults;
  const whole = route.body?.json !== undefined || route.body?.bytes !== undefined;
  return [
    INVALID_QUERY,
    RATE_LIMITED,
    ...(typesOf(route).length > 0 ? [NOT_ACCEPTABLE] : []),
    ...(Object.keys(route.params.properties).length > 0 ? [INVALID_PATH] : []),
    ...(route.body === null ? [] : [UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, REQUEST_TIMEOUT]),
    ...(route.body?.json === undefined ? [] : [INVALID_BODY]),
    ...(whole ? [apiResults.BATCHES_EXHAUSTED] : []),
    ...(route.mayFail ? [INTERNAL, apiResults.DATABASE_UNAVAILABLE] : []),
    ...(route.mayFail && route.body?.stream === undefined ? [apiResults.ANSWER_TIMEOUT] : []),
  ];
}

const typesOf = (route: Route): string[] =>
  Object.values(route.responses).flatMap(({ type }) => (type === null ? [] : [type]));

/** An Express handler that validates what comes in and writes what goes out. */
export function handlerOf(route: Route, services: Services, validators: Validators): Handler {
  const validateParams = validators.fromText(route.params);
  const validateQuery = validators.fromText(route.query);
  const validateBody =
    route.body?.json === undefined ? null : bodyValidator(route.body.json, validators);
  const types = typesOf(route);
  return async (request, response) => {
    response.locals['operation'] = route.id;
    if (types.length > 0 && request.accepts(types) === false) {
      throw new Problem(apiResults.NOT_ACCEPTABLE, `It is given as ${types.join(' or ')}.`);
    }
    const params = validateParams(paramsOf(request), apiResults.INVALID_PATH);
    const query = validateQuery(queryOf(route, request), apiResults.INVALID_QUERY);
    route.admit?.(services, request);
    const holding = new BodyHolding(services.bodies, clientNetwork(request));
    const hold = holdUntilSent(request, response, services);
    try {
      const body = await readBody(request, route.body, services, holding);
      if (body.kind === 'json') validateBody?.(body, apiResults.INVALID_BODY);
      const charge = (units: number) => services.limiter.charge(request, response, units);
      charge(route.cost({ params, query, body }));
      const call = { services, params, query, body, hold, charge, request, response };
      const handled = Promise.resolve(route.handle(call));
      await send(response, await answerInTime(route, services, response, handled));
    } finally {
      holding.release();
    }
  };
}

/** A client that reads slowly keeps an answer in memory for as long. */
function holdUntilSent(request: Request, response: Response, { answers }: Services) {
  const holding = answers.open(clientNetwork(request));
  response.once('close', () => holding.release());
  return (bytes: number): void => {
    if (!response.closed && !holding.take(bytes)) throw exhausted(answers);
  };
}

/** Express gives a member that takes slashes as its parts. */
const paramsOf = (request: Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.params as Record<string, string | string[]>).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.join('/'),
    ]),
  );

/** Errors are found up to the first in large bodies: all of them would take many times its size. */
function bodyValidator(schema: TSchema, validators: Validators) {
  const all = validators.exact(schema);
  const first = validators.exactToFirst(schema);
  return ({ value, size }: { value: unknown; size: number }, refusal: ResultCode): void => {
    (size <= allErrorsBytesMax ? all : first)(value, refusal);
  };
}

const allErrorsBytesMax = 64 * 1024;

/** Each parameter once; no nesting: `where[x]` is a name like any other. */
function queryOf(route: Route, request: Request): Record<string, string> {
  const at = request.originalUrl.indexOf('?');
  const found = Object.create(null) as Record<string, string>;
  if (at < 0) return found;
  for (const [name, value] of new URLSearchParams(request.originalUrl.slice(at + 1))) {
    if (name in found) {
      throw givenTwice(route, name);
    }
    found[name] = value;
  }
  return found;
}

function givenTwice({ query }: Route, name: string): Problem {
  const pointer = memberPointer('', name);
  const node = nodeAt(query, pointer);
  const told = node === null ? {} : { form: formOf(node), example: exampleOf(node) };
  const takes = 'form' in told ? `; it takes ${told.form}, for example ${shown(told.example)}` : '';
  const message = `given more than once${takes}`;
  return fieldProblem(apiResults.INVALID_QUERY, [{ pointer, message, ...told }]);
}

async function send(response: Response, reply: Reply): Promise<void> {
  if (reply === 'written') return;
  response.status(reply.status);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if ('stream' in reply) {
    response.type(reply.type);
    // A failure after the first byte can only show as a connection that breaks off.
    await pipeline(reply.stream, response);
    return;
  }
  const { type = jsonType, body } = reply;
  if (body === undefined) {
    response.end();
    return;
  }
  response.type(type);
  const isText = type === jsonType && !Buffer.isBuffer(body);
  const whole = isText ? JSON.stringify(body) : (body as string | Buffer);
  const bytes = typeof whole === 'string' ? Buffer.from(whole) : whole;
  if (bytes.length > pieceBytes && response.req.method !== 'HEAD') {
    response.setHeader('Content-Length', bytes.length);
    await pipeline(Readable.from(piecesOf(bytes)), response);
  } else response.send(bytes);
}

/** Whether a client takes its answer is seen by the pieces that it has taken (request-watch.ts). */
const pieceBytes = 64 * 1024;

function* piecesOf(bytes: Buffer): Generator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
