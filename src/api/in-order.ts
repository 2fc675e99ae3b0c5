import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Of a request that waits: its objects, beside the text of its headers. */
const requestBytes = 1_024;

interface Waiting {
  readonly start: () => void;
  readonly bytes: number;
}

/**
 * Handles the requests of one connection one after another, as they are answered: who sends many at
 * once over few connections has no more in hand than who has as many connections.
 * @param waitingBytesMax of heads of requests that wait behind another
 * @param onTooMany ends the connection
 */
export function inOrder(
  handle: RequestListener,
  waitingBytesMax: number,
  onTooMany: (socket: Socket) => void,
): RequestListener {
  const lines = new WeakMap<Socket, Waiting[]>();
  const start = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    response.once('close', () => {
      const next = lines.get(socket)?.shift();
      if (next && !socket.destroyed) next.start();
      else lines.delete(socket);
    });
    handle(request, response);
  };
  return (request, response) => {
    const { socket } = request;
    const line = lines.get(socket);
    if (!line) {
      lines.set(socket, []);
      start(request, response);
      return;
    }
    line.push({ start: () => start(request, response), bytes: bytesOf(request) });
    if (line.reduce((sum, { bytes }) => sum + bytes, 0) > waitingBytesMax) onTooMany(socket);
  };
}

const bytesOf = ({ url = '', rawHeaders }: IncomingMessage): number =>
  rawHeaders.reduce((sum, text) => sum + text.length, requestBytes + url.length);
