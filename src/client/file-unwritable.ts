import { OperationalError } from '../base/operational-error.ts';

/** Why a file that is received, or made, cannot begin: OperationalError FILE_UNWRITABLE. */
export const fileUnwritable = (target: string, cause: Error): OperationalError =>
  new OperationalError(
    'FILE_UNWRITABLE',
    `${target} cannot be written: ${cause.message}. Choose a folder that exists and is yours.`,
    { cause },
  );
