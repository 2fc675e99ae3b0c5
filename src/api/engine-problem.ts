/** Troubles of an engine that pass: the client sends the same envelope again, with the same effect. */
import { OperationalError } from '../base/operational-error.ts';
import { Problem } from './problem.ts';
import { apiResults } from './results.ts';

const away = new Set(['COMET_DOWN', 'COMET_REFUSED', 'COMMIT_MISSING']);

/** Rethrows; what is no such trouble as it is. */
export function rethrowEngineError(error: unknown): never {
  const { code, message } = error instanceof OperationalError ? error : { code: '', message: '' };
  if (code === 'ENGINE_TIMEOUT') {
    throw new Problem(apiResults.RECEIPT_NOT_READY, message);
  }
  if (away.has(code)) {
    throw new Problem(apiResults.NOT_READY, message, { headers: { 'Retry-After': '1' } });
  }
  throw error;
}
