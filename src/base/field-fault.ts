/** What is wrong with one field: where, what belongs there, an example, and what was probably meant. */
import { missingField, unknownField, type CodecError } from './codec-error.ts';
import { exampleOf, formOf, nodeAt, type FormNode } from './field-form.ts';
import { namesOf, valueAt } from './json-pointer.ts';
import { meantBy } from './meant.ts';
import { nearestName } from './nearest.ts';
import type { TSchema } from './schema.ts';

export interface FieldFault {
  /** JSON pointer, RFC 6901. */
  readonly pointer: string;
  /** What was wrong, the form that the value must have, and an example of it. */
  readonly message: string;
  /** Absent where the field itself does not belong there. */
  readonly form?: string;
  readonly example?: unknown;
}

/** Of a value that does not fit the schema of its place. */
export function misfit(schema: TSchema, pointer: string, value: unknown): FieldFault {
  const node = nodeAt(schema, pointer);
  if (node === null) return { pointer, message: `${shown(value)} does not belong here` };
  const form = formOf(node);
  const meant = meantBy(node, value);
  const example = exampleOf(node);
  const message = `${described(value)} is not ${form}, for example ${shown(example)}`;
  return { pointer, message: meant === null ? message : `${message}; ${meant}`, form, example };
}

export function missing(schema: TSchema, pointer: string): FieldFault {
  const node = nodeAt(schema, pointer);
  if (node === null) return { pointer, message: 'missing field' };
  const form = formOf(node);
  const example = exampleOf(node);
  const message = `missing field; it takes ${form}, for example ${shown(example)}`;
  return { pointer, message, form, example };
}

export function unknown(schema: TSchema, pointer: string): FieldFault {
  const known = Object.keys(fieldsOf(nodeAt(schema, pointer.slice(0, pointer.lastIndexOf('/')))));
  const near = nearestName(namesOf(pointer).at(-1) ?? '', known);
  if (near !== null) return { pointer, message: `unknown field; did you mean ${near}?` };
  const listed =
    known.length === 0 ? 'none is taken' : `known are ${known.slice(0, 40).join(', ')}`;
  return { pointer, message: `unknown field; ${listed}` };
}

function fieldsOf(node: FormNode | null): Readonly<Record<string, FormNode>> {
  const inner = node?.anyOf?.find(({ type }) => type !== 'null') ?? node;
  return inner?.properties ?? {};
}

/** Of what a codec refused. @param given the value in which it found the fault, as JSON or typed */
export function codecFault(schema: TSchema, given: unknown, error: CodecError): FieldFault {
  const { path, problem } = error;
  if (problem === unknownField) return unknown(schema, path);
  if (problem === missingField) return missing(schema, path);
  return misfit(schema, path, valueAt(given, path));
}

/** In one line: where, and what was wrong. */
export const faultText = ({ pointer, message }: FieldFault): string =>
  `${pointer === '' ? '/' : pointer}: ${message}`;

/** What stands where something else belongs: of lists and objects no more than that they are there. */
function described(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length} values`;
  return typeof value === 'object' && value !== null ? 'an object' : shown(value);
}

const shownMax = 80;

/** A value as people recognise it: short, one line, without what would steer a terminal. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Object.is(value, -0)) return '-0';
  const text = JSON.stringify(value, (_name, item: unknown) =>
    typeof item === 'bigint' ? String(item) : item,
  );
  const characters = [...text];
  if (characters.length <= shownMax) return text;
  return `${characters.slice(0, shownMax - 1).join('')}… (${characters.length} characters)`;
}
