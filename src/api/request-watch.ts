import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ApiLimits } from './limits.ts';
import type { BodyRate } from './slow-uploads.ts';

/** Bytes of one direction since the window began. */
interface Window {
  startMs: number;
  bytes: number;
  /** Of an answer: what waited for the client when the window began. */
  waiting: number;
}

interface Watched {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly body: Window;
  bodyRate: BodyRate;
  readonly answer: Window;
  /** It was told of. */
  slow: boolean;
}

type Rates = Pick<
  ApiLimits,
  'bodyBytesPerSecondMin' | 'bodyWindowMs' | 'answerBytesPerSecondMin' | 'answerWindowMs'
>;

export interface RequestWatchOptions {
  readonly limits: Rates;
  /** Of a clock that never goes back. */
  readonly nowMs: () => number;
  readonly onSlowBody: (request: IncomingMessage, response: ServerResponse, rate: BodyRate) => void;
  readonly onSlowReader: (request: IncomingMessage, response: ServerResponse) => void;
}

/**
 * Tells of bodies that come, and of answers that are taken, more slowly than the limits say. Looks
 * at all requests in hand at intervals: a timer for each would cost more than the requests.
 */
export class RequestWatch {
  readonly #options: RequestWatchOptions;
  readonly #inHand = new Map<IncomingMessage, Watched>();
  readonly #bySocket = new Map<Socket, Set<Watched>>();
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | null = null;
  #lookedAtMs: number;
  /** Time by which clients are judged: that in which this process was busy is not theirs. */
  #watchedMs = 0;

  constructor(options: RequestWatchOptions) {
    const { bodyWindowMs, answerWindowMs } = options.limits;
    this.#options = options;
    this.#everyMs = Math.ceil(Math.min(bodyWindowMs, answerWindowMs) / 5);
    this.#lookedAtMs = options.nowMs();
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), this.#everyMs).unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Until the answer is sent and the body has come, or the client has gone. */
  add(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const startMs = this.#watchedMs;
    const { bodyBytesPerSecondMin, bodyWindowMs } = this.#options.limits;
    const watched: Watched = {
      ...{ request, response, socket },
      body: { startMs, bytes: socket.bytesRead, waiting: 0 },
      bodyRate: { bytesPerSecondMin: bodyBytesPerSecondMin, windowMs: bodyWindowMs },
      answer: { startMs, bytes: sentBytes(socket), waiting: 0 },
      slow: false,
    };
    this.#inHand.set(request, watched);
    const ofSocket = this.#bySocket.get(socket) ?? new Set();
    this.#bySocket.set(socket, ofSocket.add(watched));
    response.once('close', () => {
      // What is left of a body after its answer is watched on: it may never end.
      if (isOver(watched)) this.#remove(watched);
    });
  }

  /** From now on, of a body that is not at its end. */
  setBodyRate(request: IncomingMessage, rate: BodyRate): void {
    const watched = this.#inHand.get(request);
    if (!watched) return;
    watched.bodyRate = rate;
    watched.body.startMs = this.#watchedMs;
    watched.body.bytes = request.socket.bytesRead;
  }

  #remove(watched: Watched): void {
    if (!this.#inHand.delete(watched.request)) return;
    const { socket } = watched;
    const ofSocket = this.#bySocket.get(socket);
    ofSocket?.delete(watched);
    if (ofSocket?.size === 0) this.#bySocket.delete(socket);
  }

  /** Whether a request that came over it is in hand. */
  isBusy(socket: Socket): boolean {
    return this.#bySocket.has(socket);
  }

  /** Whether none of its requests has come whole. */
  isHalfSent(socket: Socket): boolean {
    const ofSocket = [...(this.#bySocket.get(socket) ?? [])];
    return ofSocket.length > 0 && ofSocket.every(({ request }) => !request.complete);
  }

  look(): void {
    const nowMs = this.#options.nowMs();
    this.#watchedMs += Math.min(nowMs - this.#lookedAtMs, 2 * this.#everyMs);
    this.#lookedAtMs = nowMs;
    for (const watched of this.#inHand.values()) {
      if (isOver(watched)) {
        this.#remove(watched);
        continue;
      }
      if (!watched.slow) this.#lookAtBody(watched, this.#watchedMs);
      if (!watched.slow) this.#lookAtAnswer(watched, this.#watchedMs);
    }
  }

  #lookAtBody(watched: Watched, nowMs: number): void {
    const { request, response, socket, body, bodyRate } = watched;
    if (request.complete) return;
    // No fault of the client’s: what has come lies here, or nobody reads yet (its signature is checked first).
    const waitsForUs = request.readableLength > 0 || request.readableFlowing === null;
    const windowMs = nowMs - body.startMs;
    if (!waitsForUs && windowMs < bodyRate.windowMs) return;
    const came = response.closed ? 0 : socket.bytesRead - body.bytes;
    if (!waitsForUs && came < (bodyRate.bytesPerSecondMin * windowMs) / 1_000) {
      watched.slow = true;
      this.#options.onSlowBody(request, response, bodyRate);
      return;
    }
    body.startMs = nowMs;
    body.bytes = socket.bytesRead;
  }

  #lookAtAnswer(watched: Watched, nowMs: number): void {
    const { request, response, socket, answer } = watched;
    const { limits, onSlowReader } = this.#options;
    const waiting = socket.writableLength;
    const windowMs = nowMs - answer.startMs;
    if (waiting > 0 && answer.waiting > 0) {
      if (windowMs < limits.answerWindowMs) return;
      const taken = sentBytes(socket) - answer.bytes;
      const wanted = (limits.answerBytesPerSecondMin * windowMs) / 1_000;
      if (taken < Math.min(wanted, answer.waiting)) {
        watched.slow = true;
        onSlowReader(request, response);
        return;
      }
    }
    answer.startMs = nowMs;
    answer.bytes = sentBytes(socket);
    answer.waiting = waiting;
  }
}

const isOver = ({ request, response, socket }: Watched): boolean =>
  socket.destroyed || (response.closed && request.complete);

/** That the system has taken: `bytesWritten` also counts what waits. */
const sentBytes = (socket: Socket): number => socket.bytesWritten - socket.writableLength;
