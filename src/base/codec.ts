import { fromHex, toHex } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import type { Static, TSchema } from './schema.ts';

/** A value that does not fit its schema; `path` is a JSON pointer to the offending field. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path === '' ? '/' : path}: ${problem}`);
    this.path = path;
  }
}

/** The JSON Schema keywords that schema.ts writes; nothing else is understood. */
interface Node {
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  'x-dxl'?: 'hex' | 'fen';
  enum?: readonly string[];
  anyOf?: readonly [Node, { type: 'null' }];
  properties?: Record<string, Node>;
  items?: Node;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

/** Typed value to CBOR, records as positional arrays. Throws CodecError where it does not fit. */
export const toCbor = <Schema extends TSchema>(schema: Schema, value: Static<Schema>): CborValue =>
  encodeNode(schema, value, '');

/** CBOR to typed value; checks every bound of the schema. Throws CodecError. */
export const fromCbor = <Schema extends TSchema>(
  schema: Schema,
  value: CborValue,
): Static<Schema> => decodeNode(schema, value, '') as Static<Schema>;

/** Typed value to the JSON that the schema describes: money as decimal text. */
export const toJson = <Schema extends TSchema>(schema: Schema, value: Static<Schema>): unknown =>
  jsonNode(schema, value, (amount) => String(amount));

/** JSON (already valid for the schema) to the typed value: decimal text to bigint. */
export const fromJson = <Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> =>
  fromCbor(
    schema,
    toCbor(schema, jsonNode(schema as Node, value, (amount) => parseFen(amount)) as Static<Schema>),
  );

function parseFen(amount: unknown): bigint {
  if (typeof amount === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(amount)) return BigInt(amount);
  throw new CodecError('', 'an amount is decimal text of fen');
}

function encodeNode(node: Node, value: unknown, path: string): CborValue {
  if (node.anyOf) return value === null ? null : encodeNode(node.anyOf[0], value, path);
  if (node.type === 'object') return encodeObject(node, value, path);
  if (node.type === 'array') {
    if (!Array.isArray(value)) throw new CodecError(path, 'not a list');
    return checkItems(node, value, path).map((item, index) =>
      encodeNode(itemOf(node), item, `${path}/${index}`),
    );
  }
  if (node['x-dxl'] === 'hex') return fromHex(checkString(node, value, path));
  if (node['x-dxl'] === 'fen') return checkFen(value, path);
  if (node.type === 'integer') return BigInt(checkInteger(node, value, path));
  if (node.type === 'string') return checkString(node, value, path);
  if (node.type === 'boolean' && typeof value === 'boolean') return value;
  throw new CodecError(path, `not a ${node.type ?? 'known kind of'} value`);
}

function encodeObject(node: Node, value: unknown, path: string): CborValue {
  if (typeof value !== 'object' || value === null) throw new CodecError(path, 'not a record');
  const fields = value as Record<string, unknown>;
  const properties = propertiesOf(node);
  for (const name of Object.keys(fields)) {
    if (!properties.some(([known]) => known === name)) {
      throw new CodecError(`${path}/${name}`, 'unknown field');
    }
  }
  return properties.map(([name, field]) => {
    if (!(name in fields)) throw new CodecError(`${path}/${name}`, 'missing field');
    return encodeNode(field, fields[name], `${path}/${name}`);
  });
}

function decodeNode(node: Node, value: CborValue, path: string): unknown {
  if (node.anyOf) return value === null ? null : decodeNode(node.anyOf[0], value, path);
  if (node.type === 'object') return decodeObject(node, value, path);
  if (node.type === 'array') {
    if (!isList(value)) throw new CodecError(path, 'not a list');
    return checkItems(node, value, path).map((item, index) =>
      decodeNode(itemOf(node), item, `${path}/${index}`),
    );
  }
  if (node['x-dxl'] === 'hex') {
    if (!(value instanceof Uint8Array)) throw new CodecError(path, 'not a byte string');
    return checkString(node, toHex(value), path);
  }
  if (node['x-dxl'] === 'fen') return checkFen(value, path);
  if (node.type === 'integer') {
    if (typeof value !== 'bigint') throw new CodecError(path, 'not an integer');
    return checkInteger(node, Number(value), path);
  }
  if (node.type === 'string') return checkString(node, value, path);
  if (node.type === 'boolean' && typeof value === 'boolean') return value;
  throw new CodecError(path, `not a ${node.type ?? 'known kind of'} value`);
}

function decodeObject(node: Node, value: CborValue, path: string): unknown {
  const properties = propertiesOf(node);
  if (!isList(value)) throw new CodecError(path, 'not a record');
  if (value.length !== properties.length) {
    throw new CodecError(path, `has ${value.length} fields where ${properties.length} belong`);
  }
  return Object.fromEntries(
    properties.map(([name, field], index) => [
      name,
      decodeNode(field, value[index] as CborValue, `${path}/${name}`),
    ]),
  );
}

function jsonNode(node: Node, value: unknown, amount: (value: unknown) => unknown): unknown {
  if (node.anyOf) return value === null ? null : jsonNode(node.anyOf[0], value, amount);
  if (node['x-dxl'] === 'fen') return amount(value);
  if (node.type === 'array' && Array.isArray(value)) {
    return value.map((item) => jsonNode(itemOf(node), item, amount));
  }
  if (node.type === 'object' && typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => {
        const field = node.properties?.[name];
        if (!field) throw new CodecError(`/${name}`, 'unknown field');
        return [name, jsonNode(field, item, amount)];
      }),
    );
  }
  return value;
}

const isList = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);

const propertiesOf = (node: Node): [string, Node][] => Object.entries(node.properties ?? {});

function itemOf(node: Node): Node {
  if (!node.items) throw new CodecError('', 'the schema of a list names no items');
  return node.items;
}

function checkItems<Item>(node: Node, value: readonly Item[], path: string): readonly Item[] {
  const { minItems = 0, maxItems = 0 } = node;
  if (value.length < minItems || value.length > maxItems) {
    throw new CodecError(path, `has ${value.length} items; ${minItems} to ${maxItems} may be`);
  }
  return value;
}

function checkInteger(node: Node, value: unknown, path: string): number {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = node;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new CodecError(path, 'not a whole number');
  }
  if (value < minimum || value > maximum) {
    throw new CodecError(path, `${value} is outside ${minimum} to ${maximum}`);
  }
  return value;
}

const fenMax = 999_999_999_999_999n;

function checkFen(value: unknown, path: string): bigint {
  if (typeof value !== 'bigint') throw new CodecError(path, 'not an amount of fen');
  if (value < 0n || value > fenMax) throw new CodecError(path, `outside 0 to ${fenMax} fen`);
  return value;
}

const patterns = new Map<string, RegExp>();

function checkString(node: Node, value: unknown, path: string): string {
  if (typeof value !== 'string') throw new CodecError(path, 'not text');
  if (!value.isWellFormed()) throw new CodecError(path, 'not well-formed Unicode');
  if (node.enum && !node.enum.includes(value)) {
    throw new CodecError(path, `not one of ${node.enum.join(', ')}`);
  }
  const length = [...value].length;
  if (node.minLength !== undefined && length < node.minLength) {
    throw new CodecError(path, `shorter than ${node.minLength} characters`);
  }
  if (node.maxLength !== undefined && length > node.maxLength) {
    throw new CodecError(path, `longer than ${node.maxLength} characters`);
  }
  if (node.pattern !== undefined && !patternOf(node.pattern).test(value)) {
    throw new CodecError(path, `does not match ${node.pattern}`);
  }
  return value;
}

function patternOf(source: string): RegExp {
  const known = patterns.get(source);
  if (known) return known;
  const made = new RegExp(source, 'u');
  patterns.set(source, made);
  return made;
}
