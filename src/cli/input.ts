import { readFile } from 'node:fs/promises';
import { readFileJson, taken } from '../base/file-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import { usageError } from './exit.ts';

/**
 * JSON of a file, or of standard input for `-`. Throws OperationalError INPUT_FILE, or USAGE with the
 * line and column of what is no JSON.
 */
export async function readJsonInput(file: string): Promise<unknown> {
  const name = file === '-' ? 'Standard input' : file;
  const read = readFileJson(await readBytesInput(file));
  return taken(read, (problem) => usageError(`${name} ${problem}`));
}

/** A file, or standard input for `-`. Throws OperationalError INPUT_FILE. */
export async function readBytesInput(file: string): Promise<Buffer> {
  if (file !== '-') return readWhole(file);
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

const readWhole = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: unknown) => {
    const reason = (cause as Error).message;
    throw new OperationalError('INPUT_FILE', `${file} cannot be read: ${reason}.`, { cause });
  });
