import { readFile } from 'node:fs/promises';
import { readFileJson, taken } from '../../base/file-text.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { readDescription } from '../description/data-package.ts';
import type { Description } from '../description/described.ts';
import { TableFault } from '../table-fault.ts';
import { checkDataPackage } from './check-data-package.ts';

/**
 * A Data Package, which is held to its published schema, or a plain list of columns. Throws
 * OperationalError INPUT_FILE; TableFault DESCRIPTION.
 */
export async function readDescriptionFile(path: string): Promise<Description> {
  const value = await readJsonFile(path);
  const description = readDescription(value);
  if (!Array.isArray(value)) await checkDataPackage(value);
  return description;
}

/** Throws OperationalError INPUT_FILE; TableFault DESCRIPTION where it is no JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const reason = (cause as Error).message;
    throw new OperationalError('INPUT_FILE', `${path} cannot be read: ${reason}.`, { cause });
  });
  return taken(readFileJson(bytes), (problem) => new TableFault('DESCRIPTION', problem));
}
