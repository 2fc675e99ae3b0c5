/** HTTP to one exchange: time limits, retries of what may be retried, refusals as ProblemError. */
import { OperationalError } from '../base/operational-error.ts';
import { isProblemDocument, ProblemError } from './problem-error.ts';

export interface TransportOptions {
  /** For how long a request is sent again where nobody answers, or the exchange is not ready. */
  readonly patienceMs: number;
  /** How often a request is sent at most in that time; 1 never retries. */
  readonly attempts: number;
  /** Pause before the second attempt; doubled each time, with a random part. */
  readonly pauseMs: number;
  /** Longest wait for the head of an answer, from when the last piece of a streamed body went out. */
  readonly timeoutMs: number;
  /** Told before each pause, and null when an answer has come after one. */
  readonly onWait?: (wait: Wait | null) => void;
}

/** The exchange does not answer, and is asked again. */
export interface Wait {
  readonly cause: Error;
  /** What is left of the patience. */
  readonly leftMs: number;
}

const defaultTransport: TransportOptions = {
  // A node that was killed on a busy machine is back by then.
  patienceMs: 120_000,
  attempts: Infinity,
  pauseMs: 200,
  timeoutMs: 60_000,
};

const pauseMsMax = 5_000;

/** Everything here may be sent twice: reads, writes under an idempotency key, content by digest. */
export interface RequestParts {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH';
  /** From the root of the exchange: `/v1/status`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Called for each attempt: a nonce serves once. */
  readonly headers?: (url: string) => Promise<Record<string, string>> | Record<string, string>;
  /** Bytes, or a stream that is begun anew for each attempt. */
  readonly body?: Uint8Array | (() => ReadableStream<Uint8Array>);
  readonly signal?: AbortSignal | undefined;
  /** False for a stream, which is begun again by its reader and not here. */
  readonly retried?: boolean;
  /** When patience ends, where others than this request use it up, too. */
  readonly untilMs?: number;
  /** Told of each attempt that failed. */
  readonly onFailure?: (error: Error) => void;
}

/** Statuses after which the same bytes may be sent again, whatever answered (it or a proxy). */
const passingStatus = new Set([429, 502, 503, 504]);

/** A 504 that says "ask otherwise", not "ask again". */
const askOtherwise = 'RECEIPT_NOT_READY';

export class Transport {
  readonly #root: URL;
  readonly #options: TransportOptions;

  constructor(url: string, options: Partial<TransportOptions> = {}) {
    this.#root = new URL(url);
    this.#options = { ...defaultTransport, ...options };
  }

  get patienceMs(): number {
    return this.#options.patienceMs;
  }

  get url(): string {
    return this.#root.href;
  }

  /**
   * The response of a successful request. Throws ProblemError for a refusal, OperationalError
   * EXCHANGE_UNREACHABLE, EXCHANGE_TIMEOUT or EXCHANGE_ANSWER.
   */
  async send(parts: RequestParts): Promise<Response> {
    const attempts = parts.retried === false ? 1 : this.#options.attempts;
    const { onWait = () => undefined } = this.#options;
    const untilMs = parts.untilMs ?? Date.now() + this.patienceMs;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(parts);
      if (attempt > 1) onWait(null);
      if (outcome instanceof Response) return outcome;
      const { error, passing, retryAfterMs = null } = outcome;
      parts.onFailure?.(error);
      const leftMs = untilMs - Date.now();
      if (!passing || attempt >= attempts || leftMs <= 0) throw error;
      onWait({ cause: error, leftMs });
      await pause(Math.min(this.#pauseMs(attempt, retryAfterMs), leftMs), parts.signal);
    }
  }

  /** As `send`, with the body read as JSON. */
  async json(parts: RequestParts): Promise<unknown> {
    const untilMs = parts.untilMs ?? Date.now() + this.patienceMs;
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.send({ ...parts, untilMs });
      try {
        return await readJson(response);
      } catch (error) {
        parts.onFailure?.(error as Error);
        // What was read whole and is no JSON is another server's: it will not change.
        const isCutOff = !((error as Error).cause instanceof SyntaxError);
        const isLast = attempt >= this.#options.attempts || Date.now() >= untilMs;
        if (!isCutOff || isLast || parts.retried === false) throw error;
        await pause(this.#pauseMs(attempt), parts.signal);
      }
    }
  }

  async #attempt(parts: RequestParts): Promise<Response | Failure> {
    const url = this.#address(parts);
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), this.#options.timeoutMs);
    let response: Response;
    try {
      const headers = await parts.headers?.(url);
      response = await fetch(url, {
        method: parts.method,
        redirect: 'error',
        signal: parts.signal ? AbortSignal.any([parts.signal, limit.signal]) : limit.signal,
        ...(headers ? { headers } : {}),
        ...bodyOf(parts, () => timer.refresh()),
      });
    } catch (error) {
      if (parts.signal?.aborted === true) throw error;
      return { passing: true, error: this.#unreachable(error, limit.signal.aborted) };
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return response;
    return refusalOf(response);
  }

  #address({ path, query = {} }: RequestParts): string {
    const url = new URL(this.#root);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url.href;
  }

  #pauseMs(attempt: number, retryAfterMs: number | null = null): number {
    const backoff = Math.min(this.#options.pauseMs * 2 ** Math.min(attempt - 1, 16), pauseMsMax);
    return Math.max(backoff * (0.5 + Math.random() / 2), Math.min(retryAfterMs ?? 0, pauseMsMax));
  }

  #unreachable(cause: unknown, late: boolean): OperationalError {
    const where = this.#root.origin;
    if (late) {
      return new OperationalError(
        'EXCHANGE_TIMEOUT',
        `${where} did not answer within ${this.#options.timeoutMs} ms. Try again later.`,
        { cause },
      );
    }
    return new OperationalError(
      'EXCHANGE_UNREACHABLE',
      `No exchange answers at ${where} (${reasonOf(cause)}). Check the address and that the node ` +
        'is running.',
      { cause },
    );
  }
}

/** @param onPiece told of each piece that goes out: what is long is no reason to give up */
const bodyOf = (
  { body }: RequestParts,
  onPiece: () => unknown,
): Pick<RequestInit, 'body' | 'duplex'> => {
  if (body === undefined) return {};
  if (typeof body !== 'function') return { body };
  const told = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, pieces) {
      onPiece();
      pieces.enqueue(piece);
    },
  });
  return { body: body().pipeThrough(told), duplex: 'half' };
};

interface Failure {
  /** The same bytes may do better a little later. */
  readonly passing: boolean;
  readonly error: Error;
  readonly retryAfterMs?: number | null;
}

async function refusalOf(response: Response): Promise<Failure & { retryAfterMs: number | null }> {
  const seconds = Number(response.headers.get('retry-after') ?? 'none');
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
  const body = await response.json().catch(() => null);
  if (isProblemDocument(body)) {
    const inProgress = body.name === 'IDEMPOTENCY_IN_PROGRESS';
    // What stands in a block is answered for ever: the same bytes get the same receipt.
    const mayPass = body.receipt === undefined && passingStatus.has(body.status);
    const passing = (mayPass && body.name !== askOtherwise) || inProgress;
    return { passing, error: new ProblemError(body), retryAfterMs };
  }
  const error = new OperationalError(
    'EXCHANGE_ANSWER',
    `${response.url} answered ${response.status} and not as an exchange does. Check the address.`,
  );
  return { passing: passingStatus.has(response.status), error, retryAfterMs };
}

export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new OperationalError(
      'EXCHANGE_ANSWER',
      `${response.url} sent what is not JSON. Check that the address is of an exchange.`,
      { cause },
    );
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error ? error.message : 'unknown';
}

/** Rejects with the signal's reason when it is aborted meanwhile. */
export function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, durationMs);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
