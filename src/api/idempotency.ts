import type { Request } from 'express';
import { fromUtf8, utf8, type Hex } from '../base/bytes.ts';
import { shown, type FieldFault } from '../base/field-fault.ts';
import type { ResultCode } from '../base/result.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import { jsonType, type HeaderSpec, type Services } from './route.ts';
import { fieldProblem } from './validate.ts';

export type Once =
  /** Answered before: what `complete` was given. */
  | { readonly kind: 'replay'; readonly outcome: unknown }
  | {
      readonly kind: 'fresh';
      /** Keeps the outcome, a JSON value, for requests with the same key. */
      complete(outcome: unknown): Promise<void>;
      /** Frees the key of a request without effect. */
      abandon(): Promise<void>;
    };

export const idempotencyHeader: HeaderSpec = {
  name: 'Idempotency-Key',
  description:
    'Random text of 1 to 255 visible ASCII characters. The same key with the same body gives the ' +
    'same answer, marked `Idempotency-Replayed: true`; what was refused without effect is not kept.',
  required: false,
};

export const idempotencyProblems: readonly ResultCode[] = [
  apiResults.IDEMPOTENCY_KEY_INVALID,
  apiResults.IDEMPOTENCY_KEY_REUSED,
  apiResults.IDEMPOTENCY_IN_PROGRESS,
];

/** How much longer than a request may wait its work may take before a retry takes over. */
const leaseMarginMs = 30_000;

/** Of a request without a key. */
export const nothingKept: Once = {
  kind: 'fresh',
  complete: async () => undefined,
  abandon: async () => undefined,
};

export const hasIdempotencyKey = ({ headers }: Request): boolean =>
  headers['idempotency-key'] !== undefined;

/**
 * Whether a request with an Idempotency-Key is to be served or was answered before. `inputHash` is
 * of what was sent, `scope` whose request it is. Throws Problem where the key cannot be taken.
 */
export async function beginOnce(
  { idempotency, limits, now }: Services,
  request: Request,
  { scope, inputHash }: { readonly scope: string; readonly inputHash: Hex },
): Promise<Once> {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return nothingKept;
  if (typeof header !== 'string' || !/^[!-~]{1,255}$/.test(header)) {
    throw fieldProblem(apiResults.IDEMPOTENCY_KEY_INVALID, [keyFault(header)]);
  }
  const key = { scope, key: header };
  const standing = await idempotency.begin({
    ...key,
    inputHash,
    nowMs: now(),
    keepMs: limits.idempotencyKeepMs,
    leaseMs: limits.submitWaitMs + leaseMarginMs,
  });
  if (standing.kind === 'conflict') {
    throw new Problem(apiResults.IDEMPOTENCY_KEY_REUSED, `Key ${header}.`);
  }
  if (standing.kind === 'in-progress') {
    throw new Problem(apiResults.IDEMPOTENCY_IN_PROGRESS, `Key ${header}.`, {
      headers: { 'Retry-After': '1' },
    });
  }
  if (standing.kind === 'replay') {
    return { kind: 'replay', outcome: JSON.parse(fromUtf8(standing.response.body)) as unknown };
  }
  return {
    kind: 'fresh',
    complete: (outcome) =>
      idempotency.complete(key, {
        status: 200,
        contentType: jsonType,
        body: utf8(JSON.stringify(outcome)),
      }),
    abandon: () => idempotency.abandon(key),
  };
}

function keyFault(header: unknown): FieldFault {
  const form = '1 to 255 visible ASCII characters without spaces';
  const example = '5f0d8f2e-4c1b-4a7e-9d5e-2b7c1f3a6e90';
  const message = `${shown(header)} is not ${form}, for example ${example}`;
  return { pointer: '/Idempotency-Key', message, form, example };
}

/** Marks an answer that was given before. */
export const replayedHeaders = { 'Idempotency-Replayed': 'true' } as const;
