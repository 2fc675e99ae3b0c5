import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { problemType, problemView, type Problem } from './problem.ts';

/** Sends a problem document in place of whatever else was to be sent. */
export function writeProblem(
  response: ServerResponse,
  problem: Problem,
  request: IncomingMessage & { readonly id?: unknown },
): void {
  for (const name of ['Content-Length', 'ETag']) response.removeHeader(name);
  for (const [name, value] of Object.entries(problem.extras.headers ?? {})) {
    response.setHeader(name, value);
  }
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  const id = typeof request.id === 'string' ? request.id : randomUUID();
  const body = JSON.stringify(problemView(problem, path, id));
  response.statusCode = problem.result.status;
  response.setHeader('Content-Type', `${problemType}; charset=utf-8`);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The same for a connection whose request was not read: the whole answer, as it is sent. */
export function rawProblem(problem: Problem): string {
  const { status } = problem.result;
  const body = JSON.stringify(problemView(problem, '/', randomUUID()));
  const headers = {
    ...problem.extras.headers,
    'Content-Type': `${problemType}; charset=utf-8`,
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
