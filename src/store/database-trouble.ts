/** Failures of the database that pass, or that one reader brings upon itself: no fault of the node. */
import { DatabaseSilent } from './impatient-client.ts';

interface DatabaseError {
  readonly code?: string;
  readonly message?: string;
  /** TypeORM's wrapping. */
  readonly driverError?: unknown;
}

/** What is the matter, in a sentence; null for what is no such failure. */
export function databaseTrouble(error: unknown): string | null {
  if (error === null || typeof error !== 'object') return null;
  const { code, message = '', driverError } = error as DatabaseError;
  if (driverError !== undefined) return databaseTrouble(driverError);
  if (error instanceof DatabaseSilent) return `The database is silent (${message}).`;
  if (code === '57014')
    return 'The database has not answered within the time that a read may take.';
  if (message === 'timeout exceeded when trying to connect') {
    return 'No connection to the database came free within the time that a read waits for one.';
  }
  const gone = code !== undefined && /^(57P0[1-5]|53[0-9A-Z]{3}|08[0-9A-Z]{3}|ECONN\w+|EPIPE)$/;
  if ((gone && gone.test(code)) || /^Connection terminated|not queryable/.test(message)) {
    return `The database is away (${message}).`;
  }
  return null;
}
