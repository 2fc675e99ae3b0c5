import { unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types';
import { OperationalError } from '../../base/operational-error.ts';
import { encodeFrame, FrameReader } from './frame.ts';

/** Answers one request; a rejection is answered by an exception and ends the connection. */
export type AbciHandler = (request: Request) => Response | Promise<Response>;

export interface AbciServerOptions {
  /** Path of the unix socket, at most 100 bytes; what a killed predecessor left there is removed. */
  readonly socketPath: string;
  readonly handle: AbciHandler;
  /** Told why a connection was ended from our side. */
  readonly onFault: (error: Error) => void;
  readonly frameBytesMax?: number;
}

export interface AbciServer {
  readonly connections: number;
  close(): Promise<void>;
}

/** Requests of one connection that wait for their answers; reading pauses above it. */
const waitingMax = 1_000;

/**
 * Serves ABCI 2.0 on a unix socket. CometBFT opens four connections (consensus, mempool, query,
 * snapshot); on each, replies come in the order of their requests. Throws OperationalError
 * ABCI_SOCKET.
 */
export async function startAbciServer(options: AbciServerOptions): Promise<AbciServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, options);
  });
  await unlink(options.socketPath).catch(() => undefined);
  await listen(server, options.socketPath);
  return {
    get connections() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function serve(socket: Socket, { handle, onFault, frameBytesMax }: AbciServerOptions): void {
  const reader = new FrameReader(frameBytesMax);
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let ended = false;
  let corked = false;
  const send = (response: Response): void => {
    if (socket.destroyed) return;
    if (!corked) {
      // What is answered in one turn goes out by one write: CheckTx comes by the hundred.
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    socket.write(encodeFrame(Response.encode(response).finish()));
  };
  const end = (error: Error): void => {
    if (ended) return;
    ended = true;
    onFault(error);
    send({ exception: { error: error.message } });
    socket.end();
    // A peer that does not read would keep its half open for ever.
    setTimeout(() => socket.destroy(), 1_000).unref();
  };
  const answer = async (request: Request): Promise<void> => {
    if (ended) return;
    try {
      send(await handle(request));
    } catch (error) {
      end(error as Error);
    }
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (ended) return;
    try {
      for (const message of reader.push(chunk)) {
        const request = Request.decode(message);
        waiting += 1;
        if (waiting === waitingMax) socket.pause();
        last = last
          .then(() => answer(request))
          .then(() => {
            waiting -= 1;
            if (waiting === 0) socket.resume();
          });
      }
    } catch (error) {
      // What came before the bad frame is still answered, and in order.
      last = last.then(() => end(error as Error));
    }
  });
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const problem = `The ABCI socket ${socketPath} cannot be opened (${cause.message}).`;
      const remedy = 'Use a writable folder with a path below 100 bytes.';
      reject(new OperationalError('ABCI_SOCKET', `${problem} ${remedy}`, { cause }));
    });
    server.listen(socketPath, resolve);
  });
}
