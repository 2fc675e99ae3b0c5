/** Troubles of an engine that pass: the client sends the same envelope again, with the same effect. */
import { OperationalError } from '../base/operational-error.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';
import { notReady, retryAfter } from './submission.ts';

const away = new Set(['COMET_DOWN', 'COMET_REFUSED', 'COMMIT_MISSING']);

/** Why is the operator's affair, and in the log. */
const stopping = new Problem(
  apiResults.NOT_READY,
  'The node could not write its block and stops. Whether the envelope stands in one is known when it ' +
    'is up again: send the same envelope then; it takes effect once.',
  { headers: { 'Retry-After': '10' }, mayStandInABlock: true },
);

/** What such a trouble is answered with; null for what is none. */
export function engineProblem(error: unknown): Problem | null {
  if (!(error instanceof OperationalError)) return null;
  const { code, message } = error;
  if (code === 'ENGINE_TIMEOUT') return notReady(message);
  if (code === 'ENGINE_STORE_FAILED') return stopping;
  if (!away.has(code)) return null;
  return new Problem(apiResults.NOT_READY, message, {
    headers: retryAfter,
    mayStandInABlock: true,
  });
}

/** Rethrows; what is no such trouble as it is. */
export function rethrowEngineError(error: unknown): never {
  throw engineProblem(error) ?? error;
}
