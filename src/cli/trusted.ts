/** What the caller of a verification knows from elsewhere, as options give it. */
import { usageError } from './exit.ts';
import { readBytesInput } from './input.ts';
import type { HeaderRead } from '../proof/checkpoint.ts';

/** Throws OperationalError USAGE where one that is given is not 64 digits of lower-case hex. */
export function checkDigests(given: Readonly<Record<string, string | undefined>>): void {
  for (const value of Object.values(given)) {
    if (value !== undefined && !/^[0-9a-f]{64}$/.test(value)) {
      throw usageError('A hash and a public key are 64 digits of lower-case hex.');
    }
  }
}

/** The checkpoint of a proof file or of /v1/checkpoint. Throws OperationalError USAGE, INPUT_FILE. */
export async function readKept(file: string): Promise<HeaderRead> {
  const bytes = await readBytesInput(file);
  const { readKeptCheckpoint } = await import('../proof/kept.ts');
  try {
    return readKeptCheckpoint(bytes);
  } catch (error) {
    throw usageError(`${file}: ${(error as Error).message}.`);
  }
}
