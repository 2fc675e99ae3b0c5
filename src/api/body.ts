import type { Request } from 'express';
import { fromUtf8 } from '../base/bytes.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import { jsonType, type Body, type BodySpec, type Services } from './route.ts';

/**
 * Reads a body as its route asks. Throws Problem for its type, its size and broken JSON.
 * @param hold told of each piece before it is kept; throws where that may not be
 */
export async function readBody(
  request: Request,
  spec: BodySpec | null,
  services: Services,
  hold: (bytes: number) => void,
): Promise<Body> {
  if (spec === null) return { kind: 'none' };
  const type = checkType(request, spec);
  const bytesMax = spec.bytesMax(services);
  checkLength(request, bytesMax);
  if (type === spec.stream) return { kind: 'stream', stream: request };
  const bytes = await readWhole(request, bytesMax, hold);
  return type === jsonType
    ? { kind: 'json', value: parseJson(bytes), size: bytes.length }
    : { kind: 'bytes', bytes };
}

function checkType(request: Request, spec: BodySpec): string {
  const taken = [
    ...(spec.json === undefined ? [] : [jsonType]),
    ...(spec.bytes === undefined ? [] : [spec.bytes]),
    ...(spec.stream === undefined ? [] : [spec.stream]),
  ];
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const [type = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  if (encoding === 'identity' && taken.includes(type.trim())) return type.trim();
  throw new Problem(
    apiResults.UNSUPPORTED_MEDIA_TYPE,
    `Taken: ${taken.join(' or ')}, without Content-Encoding.`,
  );
}

export const tooLarge = (bytesMax: number): Problem =>
  // The rest of the body is not read: the connection cannot serve another request.
  new Problem(apiResults.BODY_TOO_LARGE, `At most ${bytesMax} bytes.`, {
    headers: { Connection: 'close' },
  });

function checkLength(request: Request, bytesMax: number): void {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
}

async function readWhole(
  request: Request,
  bytesMax: number,
  hold: (bytes: number) => void,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw tooLarge(bytesMax);
    hold(chunk.length);
    chunks.push(chunk);
  }
  // A copy also of a single chunk, which is a small part of a large buffer of the socket's.
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes)) as unknown;
  } catch {
    throw new Problem(apiResults.INVALID_BODY, 'It is not JSON in UTF-8.', {
      errors: [{ pointer: '', message: 'not JSON in UTF-8' }],
    });
  }
}
