import { OperationalError } from '../../base/operational-error.ts';
import { isVersionUnknown } from './version-unknown.ts';

/**
 * A block that could not be written, or made because the store did not give what it reads: what is on
 * disk is unknown, so nothing more is acknowledged. A block whose rules are not known keeps its own name.
 */
export function storeFailure(height: number, cause: unknown): OperationalError {
  if (isVersionUnknown(cause)) return cause;
  const reason = cause instanceof OperationalError ? cause.message : 'The cause is in the log.';
  return new OperationalError(
    'ENGINE_STORE_FAILED',
    `Block ${height} could not be written, and the node stops. ${reason} It then goes on from what ` +
      'is on disk; nothing that was acknowledged is lost.',
    { cause },
  );
}

/** The database went away while nothing was being written: found out at once, not with the next block. */
export const storeLost = (reason: string): OperationalError =>
  new OperationalError(
    'ENGINE_STORE_FAILED',
    `The database went away (${reason}), and the node stops. Start it again, or have a supervisor do ` +
      'so: it brings its database up, checks it against the last app hash and goes on; nothing that ' +
      'was acknowledged is lost.',
  );
