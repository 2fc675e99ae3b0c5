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
  const send = writerOf(socket);
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let ended = false;
  const end = (error: Error): void => {
    if (ended) return;
    ended = true;
    onFault(error);
    send.now({ exception: { error: error.message } });
    socket.end();
    // A peer that does not read would keep its half open for ever.
    setTimeout(() => socket.destroy(), 1_000).unref();
  };
  const wait = (answer: () => Response | Promise<Response>): void => {
    waiting += 1;
    if (waiting === waitingMax) socket.pause();
    last = last
      .then(async () => {
        if (!ended) send.soon(await answer());
      })
      .catch((error: unknown) => end(error as Error))
      .then(() => {
        waiting -= 1;
        if (waiting === 0) socket.resume();
      });
  };
  const take = (message: Uint8Array): void => {
    const request = Request.decode(message);
    if (waiting > 0) {
      wait(() => handle(request));
      return;
    }
    // Nobody is before it: CheckTx, which comes by the hundred, is answered without a promise.
    const answer = handle(request);
    if (answer instanceof Promise) wait(() => answer);
    else send.soon(answer);
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    try {
      for (const message of reader.push(chunk)) {
        if (ended) return;
        take(message);
      }
    } catch (error) {
      // What came before the bad frame is still answered, and in order.
      last = last.then(() => end(error as Error));
    }
  });
}

/** Answers as frames; what is answered in one turn goes out by one write. */
function writerOf(socket: Socket) {
  let frames: Uint8Array[] = [];
  const flush = (): void => {
    const [only] = frames;
    const all = frames.length === 1 && only ? only : Buffer.concat(frames);
    frames = [];
    if (all.length > 0 && !socket.destroyed) socket.write(all);
  };
  const soon = (response: Response): void => {
    if (frames.push(frameOf(response)) === 1) setImmediate(flush);
  };
  const now = (response: Response): void => {
    soon(response);
    flush();
  };
  return { soon, now };
}

/** Of answers that are frozen, which are given again and again. */
const framesKept = new WeakMap<Response, Uint8Array>();

function frameOf(response: Response): Uint8Array {
  const kept = framesKept.get(response);
  if (kept) return kept;
  const frame = encodeFrame(Response.encode(response).finish());
  if (Object.isFrozen(response)) framesKept.set(response, frame);
  return frame;
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
