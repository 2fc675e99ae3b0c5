/** What a transfer remembers beside its file, so that the next run goes on: small, replaced whole. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** null where there is none, or none that can be read. */
export async function readState(file: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export async function writeState(file: string, state: object): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export const removeState = (file: string): Promise<void> => rm(file, { force: true });
