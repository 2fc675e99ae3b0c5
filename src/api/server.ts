import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Engine } from '../chain/engine/engine.ts';
import { createApi } from './app.ts';
import { networkOf, proxiesOf, type IsProxy } from './address.ts';
import { exhausted, makeBodyBudget, type BodyBudget } from './body-holding.ts';
import { Connections, type Refusal } from './connections.ts';
import { inOrder } from './in-order.ts';
import type { ApiLimits } from './limits.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problem.ts';
import { rawProblem, writeProblem } from './problem-answer.ts';
import { Refusals } from './refusals.ts';
import { RequestWatch } from './request-watch.ts';
import { apiResults } from './results.ts';
import { SlowUploads, type BodyRate } from './slow-uploads.ts';
import { countEnding, makeTraffic, type Traffic } from './traffic.ts';

/** Answers some requests itself, and passes the others on to the API. */
export type Around = (engine: Engine, api: RequestListener) => RequestListener;

/**
 * The HTTP server of one node, not listening yet: the API behind bounds on connections, headers,
 * and the time that bodies and answers take.
 */
export function createApiServer(parts: ApiParts, around?: Around): Server {
  const { limits, log } = parts;
  const traffic = makeTraffic();
  const bodies = makeBodyBudget(limits);
  const isProxy = proxiesOf(parts.trustedProxies ?? []);
  const watch = watchOf(limits, traffic);
  const slowUploads = new SlowUploads(limits, (request, rate) => watch.setBodyRate(request, rate));
  const api = createApi(parts, traffic, bodies, slowUploads);
  const handle = around ? around(parts.engine, api) : api;
  const turnedAway = new WeakSet<Socket>();
  const refusals = new Refusals(limits);
  const answer: RequestListener = (request, response) => {
    const refusal = noRoomFor(request, bodies, isProxy);
    if (refusal) {
      countEnding(traffic, 'no-room');
      refuseBody(request, refusal, refusals.delayOf(networkOf(request.socket.remoteAddress ?? '')));
      return;
    }
    // Whatever is held for a request is let go when its answer closes: each part listens for it.
    response.setMaxListeners(listenersMax);
    watch.add(request, response);
    handle(request, response);
  };
  const answerInOrder = inOrder(answer, limits.headerBytesMax, (socket) => {
    countEnding(traffic, 'pipelined');
    socket.resetAndDestroy();
  });
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headerMs,
      connectionsCheckingInterval: Math.ceil(limits.headerMs / 5),
      keepAliveTimeout: limits.keepAliveMs,
      // Of a whole request: the watch has its own measure for bodies, which large uploads pass.
      requestTimeout: 0,
    },
    (request, response) => {
      if (!turnedAway.has(request.socket)) answerInOrder(request, response);
    },
  );
  const isBusy = (socket: Socket) => watch.isBusy(socket);
  const isHalfSent = (socket: Socket) => watch.isHalfSent(socket);
  const connections = new Connections({ limits, isProxy, isBusy, isHalfSent });
  server.prependListener('connection', (socket: Socket) => {
    const admitted = connections.admit(socket);
    traffic.connections = connections.count;
    socket.once('close', () => (traffic.connections = connections.count));
    if ('refused' in admitted) {
      countEnding(traffic, admitted.refused);
      turnedAway.add(socket);
      turnAway(socket, connectionProblem(admitted.refused, limits));
    } else if (admitted.evicted) {
      countEnding(traffic, 'evicted');
      admitted.evicted.resetAndDestroy();
    }
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const problem = clientProblem(error, limits);
    if (problem === null || turnedAway.has(socket)) {
      socket.destroy();
      return;
    }
    const slow = problem.result === apiResults.REQUEST_TIMEOUT;
    countEnding(traffic, slow ? 'slow-headers' : 'malformed');
    log.debug({ code: error.code }, 'what came was no request');
    // An answer that is being written is not written into.
    if (watch.isBusy(socket)) socket.destroy();
    else turnAway(socket, problem);
  });
  server.on('listening', () => watch.start());
  server.on('close', () => watch.stop());
  return server;
}

/**
 * Where an address holds all of bodies that it may, the next one costs it more than the node: it is
 * refused before the application sees it. Behind a proxy the application alone knows the address. Bodies of
 * POST are read whole; others go to where they are kept as they come.
 */
function noRoomFor(
  { method, headers, socket }: IncomingMessage,
  { beginnings, rest, beginningBytes }: BodyBudget,
  isProxy: IsProxy,
): Problem | null {
  if (method !== 'POST' || isProxy(socket.remoteAddress ?? '')) return null;
  const bytes = Number(headers['content-length'] ?? 1);
  const address = networkOf(socket.remoteAddress ?? '');
  const small = Math.min(bytes, beginningBytes);
  if (!beginnings.hasRoom(address, small)) return exhausted(beginnings);
  return rest.hasRoom(address, bytes - small) ? null : exhausted(rest);
}

/** What has come of the body is let go, and no more of it is read. */
function refuseBody(request: IncomingMessage, problem: Problem, delayMs: number): void {
  const { socket } = request;
  if (delayMs === 0) {
    turnAway(socket, problem);
    return;
  }
  request.on('error', () => undefined).resume();
  setImmediate(() => socket.pause());
  const timer = setTimeout(() => turnAway(socket, problem), delayMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

function watchOf(limits: ApiLimits, traffic: Traffic): RequestWatch {
  return new RequestWatch({
    limits,
    nowMs: () => performance.now(),
    onSlowBody(request, response, rate) {
      countEnding(traffic, 'slow-body');
      endSlowBody(request, response, rate);
    },
    onSlowReader({ socket }) {
      countEnding(traffic, 'slow-reader');
      // What the system still holds for the client goes, too.
      socket.resetAndDestroy();
    },
  });
}

function endSlowBody(
  request: IncomingMessage,
  response: ServerResponse,
  { bytesPerSecondMin, windowMs }: BodyRate,
): void {
  if (response.headersSent || response.writableEnded) {
    request.socket.resetAndDestroy();
    return;
  }
  const least = `at least ${bytesPerSecondMin} bytes a second`;
  const detail = `A body brings ${least} in every ${windowMs} ms, or its end.`;
  const problem = new Problem(apiResults.REQUEST_TIMEOUT, detail, closing);
  // Whoever reads the body learns of it only so: Node lets go of a request that was answered.
  response.once('close', () => request.destroy(problem));
  writeProblem(response, problem, request);
}

const closing = { headers: { Connection: 'close' } };

const listenersMax = 30;

const lingerMs = 1_000;

/** Answers a connection whose request is not read, and ends it soon, whatever the client does. */
function turnAway(socket: Socket, problem: Problem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('error', () => undefined);
  socket.end(rawProblem(problem));
}

function connectionProblem(
  refusal: Refusal,
  { connectionsMax, connectionsPerAddressMax }: ApiLimits,
): Problem {
  const detail =
    refusal === 'connections'
      ? `${connectionsMax} in all.`
      : `${connectionsPerAddressMax} to one address.`;
  return new Problem(apiResults.CONNECTIONS_EXHAUSTED, detail, { headers: { 'Retry-After': '5' } });
}

/** Null where nobody is there to be answered. */
function clientProblem({ code }: NodeJS.ErrnoException, limits: ApiLimits): Problem | null {
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'HPE_INVALID_EOF_STATE') return null;
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Problem(apiResults.HEADERS_TOO_LARGE, `At most ${limits.headerBytesMax} bytes.`);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const detail = `The headers take at most ${limits.headerMs} ms.`;
    return new Problem(apiResults.REQUEST_TIMEOUT, detail);
  }
  return new Problem(apiResults.MALFORMED_REQUEST, 'Nothing of it was taken.');
}
