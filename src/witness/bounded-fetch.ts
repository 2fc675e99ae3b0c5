import { OperationalError } from '../base/operational-error.ts';

export interface BoundedRequest {
  /** A body makes it a POST. */
  readonly body?: string;
  readonly bytesMax: number;
  readonly timeoutMs?: number;
}

export interface BoundedAnswer {
  readonly status: number;
  readonly type: string;
  readonly bytes: Uint8Array;
}

const usualTimeoutMs = 10_000;

/**
 * One request to a party that is not trusted: no redirects, no more than `bytesMax` bytes, no longer
 * than `timeoutMs` in all. Throws OperationalError PEER_UNREACHABLE or PEER_ANSWER; every status is
 * an answer.
 */
export async function boundedFetch(url: string, request: BoundedRequest): Promise<BoundedAnswer> {
  const { body, bytesMax, timeoutMs = usualTimeoutMs } = request;
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    const bytes = await readAll(response, bytesMax);
    const type = (response.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
    if (bytes) return { status: response.status, type: type.trim(), bytes };
  } catch (cause) {
    throw new OperationalError('PEER_UNREACHABLE', `${url}: ${reasonOf(cause)}.`, { cause });
  }
  throw new OperationalError('PEER_ANSWER', `${url} sent more than ${bytesMax} bytes.`);
}

/** null where there are more than may be. */
async function readAll(response: Response, bytesMax: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > bytesMax) return null;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error ? error.message : String(error);
}
