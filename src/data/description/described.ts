import { TableFault } from '../table-fault.ts';
import type { FileDescription } from './file.ts';
import type { TableDescription } from './table.ts';

/** A description as it is given: of the table, and perhaps of one file. */
export interface Description {
  readonly table: TableDescription;
  readonly file: FileDescription | null;
}

/** @param pointer JSON pointer of what is wrong */
export const descriptionFault = (pointer: string, problem: string): TableFault =>
  new TableFault('DESCRIPTION', `${pointer === '' ? 'the whole' : pointer}: ${problem}`);

type Members = Readonly<Record<string, unknown>>;

export function asObject(value: unknown, pointer: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw descriptionFault(pointer, 'is to be an object.');
}

export function asList(value: unknown, pointer: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw descriptionFault(pointer, 'is to be a list.');
}

export function asText(value: unknown, pointer: string): string {
  if (typeof value === 'string') return value;
  throw descriptionFault(pointer, 'is to be text.');
}

/** Texts; those of Frictionless's objects with a `value` too. */
export const asTexts = (value: unknown, pointer: string): string[] =>
  asList(value, pointer).map((item, index) => {
    const at = `${pointer}/${index}`;
    return typeof item === 'string' ? item : asText(asObject(item, at)['value'], `${at}/value`);
  });

export function asOneOf<const Choice extends string>(
  value: unknown,
  choices: readonly Choice[],
  pointer: string,
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const shown = value === undefined ? 'not there' : JSON.stringify(value);
  throw descriptionFault(pointer, `is ${shown}, and is to be one of ${choices.join(', ')}.`);
}

/** null where it is not stated. */
export const ifStated = <Value>(value: unknown, read: (stated: unknown) => Value): Value | null =>
  value === undefined || value === null ? null : read(value);
