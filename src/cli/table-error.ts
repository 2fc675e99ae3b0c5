import { OperationalError } from '../base/operational-error.ts';
import { TableFault } from '../data/table-fault.ts';

/** What is wrong with a file, after its name; everything else as it is. */
export async function namingFile<Result>(
  file: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TableFault)) throw error;
    const problem =
      error.kind === 'DESCRIPTION' ? `cannot be followed: ${error.message}` : error.message;
    throw new OperationalError(`TABLE_${error.kind}`, `${file} ${problem}`, { cause: error });
  }
}

/** What is refused so is the caller's to mend. */
export const tableErrors = [
  'TABLE_ENCODING',
  'TABLE_QUOTES',
  'TABLE_EMPTY',
  'TABLE_TOO_LARGE',
  'TABLE_COLUMNS',
  'TABLE_DESCRIPTION',
  'TABLE_FORMAT',
  'TABLE_VALUES',
] as const;
