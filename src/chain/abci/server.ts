import { unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
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

/** Requests of one connection that wait for their turn; reading pauses above either. */
const waitingMax = 10_000;
const waitingBytesMax = 16 * 1024 * 1024;

/**
 * Requests of one connection that are answered before the others are read: a block's requests do not
 * wait for hundreds of CheckTx. Some milliseconds of verifying.
 */
const answeredAtOnceMax = 32;

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
  const waiting = new Waiting();
  const send = writerOf(socket);
  let answering = false;
  let ended = false;
  /** Why the stream cannot be read on; what came before it is still answered. */
  let broken: Error | null = null;
  const end = (error: Error): void => {
    if (ended) return;
    ended = true;
    onFault(error);
    send.now({ exception: { error: error.message } });
    socket.end();
    // A peer that does not read would keep its half open for ever.
    setTimeout(() => socket.destroy(), 1_000).unref();
  };
  const answerNext = async (): Promise<void> => {
    answering = true;
    for (let count = 1; !ended; count += 1) {
      const message = waiting.take();
      if (!message) break;
      const answer = handle(Request.decode(message));
      // CheckTx comes by the hundred: it is answered without a promise.
      send.soon(answer instanceof Promise ? await answer : answer);
      if (count % answeredAtOnceMax !== 0) continue;
      if (!broken && !waiting.isFull && socket.isPaused()) socket.resume();
      await nextTurn();
    }
    answering = false;
    if (broken) end(broken);
    else if (socket.isPaused()) socket.resume();
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (ended || broken) return;
    try {
      for (const message of reader.push(chunk)) waiting.add(message);
    } catch (error) {
      broken = error as Error;
    }
    if (waiting.isFull) socket.pause();
    if (!answering) answerNext().catch(end);
  });
}

/** Messages that were taken and not forgotten yet. */
const takenMax = 1_024;

/** Messages in the order in which they came. */
class Waiting {
  #messages: Uint8Array[] = [];
  #taken = 0;
  #bytes = 0;

  get isFull(): boolean {
    return this.#messages.length - this.#taken >= waitingMax || this.#bytes >= waitingBytesMax;
  }

  add(message: Uint8Array): void {
    this.#messages.push(message);
    this.#bytes += message.length;
  }

  take(): Uint8Array | undefined {
    const message = this.#messages[this.#taken];
    if (!message) {
      this.#messages = [];
      this.#taken = 0;
      return undefined;
    }
    this.#taken += 1;
    this.#bytes -= message.length;
    if (this.#taken === takenMax) this.#messages = this.#messages.slice(takenMax);
    this.#taken %= takenMax;
    return message;
  }
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
