import type { Request } from 'express';
import type { FieldFault } from '../base/field-fault.ts';
import { readFileJson, readFileText } from '../base/file-text.ts';
import { memberPointer } from '../base/json-pointer.ts';
import type { BodyHolding } from './body-holding.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import { jsonType, type Body, type BodySpec, type Services } from './route.ts';
import { fieldProblem } from './validate.ts';

/**
 * Reads a body as its route asks. Throws Problem for its type, its size, broken JSON, and where it
 * may not be held.
 */
export async function readBody(
  request: Request,
  spec: BodySpec | null,
  services: Services,
  holding: BodyHolding,
): Promise<Body> {
  if (spec === null) return { kind: 'none' };
  const type = checkType(request, spec);
  const bytesMax = spec.bytesMax(services);
  checkLength(request, bytesMax);
  if (type === spec.stream) return { kind: 'stream', stream: request };
  const bytes = await readWhole(request, bytesMax, holding);
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

/**
 * Into one buffer that grows: pieces of a byte each would cost many times their length. Memory is
 * held as it is filled, whatever Content-Length promises.
 */
async function readWhole(
  request: Request,
  bytesMax: number,
  holding: BodyHolding,
): Promise<Uint8Array> {
  const promised = Number(request.headers['content-length'] ?? bytesMax);
  let whole = new Uint8Array(0);
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    const needed = size + chunk.length;
    if (needed > bytesMax) throw tooLarge(bytesMax);
    if (needed > whole.length) {
      const grown = Math.max(needed, Math.min(promised, 2 * whole.length, bytesMax));
      holding.take(grown - whole.length);
      const larger = new Uint8Array(grown);
      larger.set(whole.subarray(0, size));
      whole = larger;
    }
    whole.set(chunk, size);
    size = needed;
  }
  return whole.subarray(0, size);
}

function parseJson(bytes: Uint8Array): unknown {
  const text = readFileText(bytes);
  if (!text.ok) throw notJson(text.problem);
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch {
    const read = readFileJson(bytes);
    throw notJson(read.ok ? 'is no JSON' : read.problem);
  }
  if (/(^|[[,:\s])-0|\\u[dD][89a-fA-F]/.test(text.value)) refuseUnwritable(value);
  return value;
}

function notJson(problem: string): Problem {
  const [message = ''] = problem.split('\n', 1);
  const form = 'JSON in UTF-8';
  return fieldProblem(apiResults.INVALID_BODY, [
    { pointer: '', message: `the body ${message}`, form, example: {} },
  ]);
}

/** Values that JSON can say and the ledger cannot: a zero with a sign, half of a character. */
function refuseUnwritable(value: unknown): void {
  const errors: FieldFault[] = [];
  const open: [pointer: string, value: unknown][] = [['', value]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [pointer, found] = next;
    if (Object.is(found, -0)) errors.push({ pointer, ...unsignedZero });
    if (typeof found === 'string' && !found.isWellFormed()) errors.push({ pointer, ...wholeText });
    if (typeof found !== 'object' || found === null) continue;
    for (const [name, member] of Object.entries(found)) {
      if (!name.isWellFormed()) errors.push({ pointer, ...wholeText });
      open.push([memberPointer(pointer, name.toWellFormed()), member]);
    }
  }
  if (errors.length > 0) throw fieldProblem(apiResults.INVALID_BODY, errors.slice(0, 100));
}

const unsignedZero = {
  message: '-0 is not a whole number, for example 0',
  form: 'a whole number; a zero has no sign',
  example: 0,
};

const wholeText = {
  message: 'half of a surrogate pair is not text in Unicode, for example "\\ud83d\\udc26"',
  form: 'text in Unicode, each character whole',
  example: '\ud83d\udc26',
};
