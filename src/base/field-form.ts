/** What belongs into a field, told from its schema: in words, and by a value that fits it. */
import { namesOf } from './json-pointer.ts';
import type { TSchema } from './schema.ts';

export interface FieldForm {
  /** A phrase that goes on "… is not": `a whole number from 1 to 200`. */
  readonly form: string;
  /** A value that fits the schema, as JSON. */
  readonly example: unknown;
}

/** The keywords that base/schema.ts and the routes of the API write. */
export interface FormNode {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FormNode[];
  readonly properties?: Readonly<Record<string, FormNode>>;
  readonly required?: readonly string[];
  readonly items?: FormNode;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly 'x-form'?: string;
  readonly 'x-dxl'?: string;
  readonly examples?: readonly unknown[];
}

export function fieldForm(schema: TSchema): FieldForm {
  const node = schema as FormNode;
  return { form: formOf(node), example: exampleOf(node) };
}

export function formOf(node: FormNode): string {
  const inner = besideNull(node);
  if (inner !== null) return `${formOf(inner)}, or null`;
  if (node['x-form'] !== undefined) return node['x-form'];
  if ('const' in node) return JSON.stringify(node.const);
  if (node.enum) {
    return node.enum.length === 1 ? String(node.enum[0]) : `one of ${node.enum.join(', ')}`;
  }
  if (node.type === 'integer') return numberForm(node);
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'array') return listForm(node);
  if (node.type === 'object') {
    return `an object with ${Object.keys(node.properties ?? {}).join(', ') || 'no fields'}`;
  }
  if (node.type === 'string') return textForm(node);
  return 'a value of JSON';
}

function numberForm({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: FormNode): string {
  return maximum === Number.MAX_SAFE_INTEGER
    ? `a whole number from ${minimum} up`
    : `a whole number from ${minimum} to ${maximum}`;
}

function listForm({ items = {}, minItems = 0, maxItems }: FormNode): string {
  const most = maxItems === undefined ? 'any number of' : `${minItems} to ${maxItems}`;
  return `a list of ${most} values, each ${formOf(items)}`;
}

function textForm({ minLength = 0, maxLength }: FormNode): string {
  if (maxLength === undefined) return 'text';
  return `text of ${minLength} to ${maxLength} characters, without control characters`;
}

export function exampleOf(node: FormNode): unknown {
  const inner = besideNull(node);
  if (inner !== null) return exampleOf(inner);
  if (node.examples?.length) return node.examples[0];
  if ('const' in node) return node.const;
  if (node.enum) return node.enum[0];
  if (node.type === 'integer') return exampleNumber(node);
  if (node.type === 'boolean') return true;
  if (node.type === 'array') {
    return Array.from({ length: node.minItems ?? 0 }, () => exampleOf(node.items ?? {}));
  }
  if (node.type === 'object') {
    const fields = Object.entries(node.properties ?? {});
    const shown = fields.filter(([name]) => node.required?.includes(name) ?? true);
    return Object.fromEntries(shown.map(([name, field]) => [name, exampleOf(field)]));
  }
  return 'as it is called'.slice(0, node.maxLength ?? 40);
}

/** A number that people would write, not the least that a machine takes. */
function exampleNumber({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: FormNode): number {
  const usual = [30, 10, 3, 1].find((number) => number >= minimum && number <= maximum);
  return usual ?? minimum;
}

/** Of `X or null`: X; null of anything else. */
export function besideNull({ anyOf }: FormNode): FormNode | null {
  if (anyOf?.length !== 2) return null;
  return anyOf.find(({ type }) => type !== 'null') ?? null;
}

/** The schema of what stands at a JSON pointer; null where the schema knows no such place. */
export function nodeAt(schema: TSchema, pointer: string): FormNode | null {
  let node: FormNode | undefined = schema;
  for (const name of namesOf(pointer)) {
    node = besideNull(node) ?? node;
    node = node.type === 'array' ? node.items : ownField(node, name);
    if (node === undefined) return null;
  }
  return node;
}

const ownField = ({ properties = {} }: FormNode, name: string): FormNode | undefined =>
  Object.hasOwn(properties, name) ? properties[name] : undefined;
