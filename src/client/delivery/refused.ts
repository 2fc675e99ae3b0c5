import { OperationalError } from '../../base/operational-error.ts';

/** A ground to reject the delivery: what the ledger names is not what it has to be. */
export const refused = (code: string, problem: string): OperationalError =>
  new OperationalError(
    code,
    `The delivery cannot be accepted: ${problem}. Reject it on the ledger.`,
  );

export const isRefused = (error: unknown): boolean =>
  error instanceof OperationalError && error.code.startsWith('DELIVERY_');
