import { toHex } from './bytes.ts';
import { CborReader } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { CodecError, missingField, unknownField } from './codec-error.ts';
import { fromJsonNode } from './codec-json.ts';
import { below, itemOf, propertiesOf, type Node } from './codec-node.ts';
import { decodeCbor, encodeCbor, type CborValue } from './cbor.ts';
import { memberPointer } from './json-pointer.ts';
import { textCheckOf } from './text-check.ts';
import type { Static, TObject, TSchema } from './schema.ts';

/** Typed value to CBOR, records as positional arrays. Throws CodecError where it does not fit. */
export const toCbor = <Schema extends TSchema>(schema: Schema, value: Static<Schema>): CborValue =>
  decodeCbor(encodeTyped(schema, value));

/** Typed value to the bytes of its CBOR, as `encodeCbor(toCbor(schema, value))`, at once. */
export function encodeTyped<Schema extends TSchema>(
  schema: Schema,
  value: Static<Schema>,
): Uint8Array {
  writer.clear();
  writeTyped(schema, value, writer);
  return writer.take();
}

/** As `encodeTyped`, behind what the writer holds already. */
export const writeTyped = <Schema extends TSchema>(
  schema: Schema,
  value: Static<Schema>,
  to: CborWriter,
): void => compile(schema).write(value, to);

const writer = new CborWriter();

/**
 * The bytes of its CBOR to a typed value, frozen, at once; checks every bound of the schema. Throws
 * CodecError, or CborError where the bytes are not canonical.
 */
export function decodeTyped<Schema extends TSchema>(
  schema: Schema,
  bytes: Uint8Array,
): Static<Schema> {
  const reader = new CborReader(bytes);
  const value = compile(schema).read(reader);
  reader.end();
  return value as Static<Schema>;
}

/** As `decodeTyped`, of what is next in the reader; what follows it stays. */
export const readTyped = <Schema extends TSchema>(
  schema: Schema,
  from: CborReader,
): Static<Schema> => compile(schema).read(from) as Static<Schema>;

/** CBOR to typed value, frozen; checks every bound of the schema. Throws CodecError. */
export const fromCbor = <Schema extends TSchema>(
  schema: Schema,
  value: CborValue,
): Static<Schema> => decodeTyped(schema, encodeCbor(value));

/** Typed value to the JSON that the schema describes: money as decimal text. */
export const toJson = <Schema extends TSchema>(schema: Schema, value: Static<Schema>): unknown =>
  compile(schema).json(value);

/** JSON (already valid for the schema) to the typed value: decimal text to bigint. */
export const fromJson = <Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> =>
  fromCbor(schema, toCbor(schema, fromJsonNode(schema as Node, value) as Static<Schema>));

/** The fields of a record without the head of their array: for what stands behind them in it. */
export interface FieldsCodec {
  readonly count: number;
  write(value: unknown, to: CborWriter): void;
  read(from: CborReader): unknown;
}

/** Throws CodecError where the schema is of no record. */
export function fieldsOf(schema: TObject): FieldsCodec {
  const { fields } = compile(schema);
  if (!fields) throw new CodecError('', 'not the schema of a record');
  return fields;
}

/** A schema made ready once: `write` checks and encodes, `read` checks and gives the typed value. */
interface Compiled {
  write(value: unknown, to: CborWriter): void;
  /** What it gives is frozen. */
  read(from: CborReader): unknown;
  /** Of a value that fits; records and lists are new ones. */
  readonly json: (value: unknown) => unknown;
  /** Of records only. */
  readonly fields?: FieldsCodec;
}

/** Of what is in JSON what it is in memory. */
const asItIs = (value: unknown): unknown => value;

const compiled = new WeakMap<Node, Compiled>();

/** The same schema object is compiled once; a field that is used in many places too. */
function compile(node: Node): Compiled {
  const known = compiled.get(node);
  if (known) return known;
  const made = compileNode(node);
  compiled.set(node, made);
  return made;
}

function compileNode(node: Node): Compiled {
  if (node.anyOf) return nullableOf(compile(node.anyOf[0]));
  if (node.type === 'object') return recordOrGrown(node);
  if (node.type === 'array') return listOf(node);
  if (node['x-dxl'] === 'hex') return hexOf(node);
  if (node['x-dxl'] === 'fen') return fenCodec;
  if (node.type === 'integer') return integerOf(node);
  if (node.type === 'string') return textOf(node);
  if (node.type === 'boolean') return booleanCodec;
  const fail = (): never => {
    throw new CodecError('', `not a ${node.type ?? 'known kind of'} value`);
  };
  return { write: fail, read: fail, json: asItIs };
}

const nullableOf = (inner: Compiled): Compiled => ({
  write: (value, to) => (value === null ? to.null() : inner.write(value, to)),
  read: (from) => (from.kind() === 'null' ? from.null() : inner.read(from)),
  json: inner.json === asItIs ? asItIs : (value) => (value === null ? null : inner.json(value)),
});

/**
 * A record to which fields were added later (`added`) has as many items as it has fields: without them its
 * bytes are what they were before.
 */
function recordOrGrown(node: Node): Compiled {
  const properties = propertiesOf(node);
  const least = node.required?.length ?? properties.length;
  if (least === properties.length) return recordOf(properties);
  const later = properties.slice(least).map(([name]) => name);
  if (later.some((name) => node.required?.includes(name))) {
    throw new CodecError('', 'a field was added before another of its record');
  }
  const whole = recordOf(properties);
  const shorter = later.map((_, more) => recordOf(properties.slice(0, least + more)));
  const codecOf = (value: unknown): Compiled => {
    const given = (value ?? {}) as Readonly<Record<string, unknown>>;
    return shorter[later.findIndex((name) => given[name] === undefined)] ?? whole;
  };
  return {
    write: (value, to) => codecOf(value).write(value, to),
    read(from) {
      const length = itemsIn(from, 'a record');
      const { fields } = (length === properties.length ? whole : shorter[length - least]) ?? {};
      if (!fields) throw wrongCount(length, properties.length);
      return fields.read(from);
    },
    json: (value) => codecOf(value).json(value),
  };
}

function recordOf(properties: readonly [string, Node][]): Compiled {
  const fields = properties.map(([name, field]) => ({ name, codec: compile(field) }));
  const known = new Set(properties.map(([name]) => name));
  // A record that is given all its fields at once does not have to grow by each.
  const empty = Object.fromEntries(properties.map(([name]) => [name, undefined]));
  const changed = fields.filter(({ codec }) => codec.json !== asItIs);
  const refuseUnknown = (names: readonly string[]): void => {
    // All that are known are there: only where there are more is it worth to look which.
    if (names.length === fields.length) return;
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined) throw new CodecError(memberPointer('', unknown), unknownField);
  };
  const body: FieldsCodec = {
    count: fields.length,
    write(value, to) {
      if (typeof value !== 'object' || value === null) throw new CodecError('', 'not a record');
      const record = value as Record<string, unknown>;
      for (const { name, codec } of fields) {
        const field = record[name];
        if (field === undefined && !(name in record)) {
          throw new CodecError(`/${name}`, missingField);
        }
        try {
          codec.write(field, to);
        } catch (error) {
          throw below(name, error);
        }
      }
      refuseUnknown(Object.keys(record));
    },
    read(from) {
      const record: Record<string, unknown> = { ...empty };
      for (const { name, codec } of fields) {
        try {
          record[name] = codec.read(from);
        } catch (error) {
          throw below(name, error);
        }
      }
      return Object.freeze(record);
    },
  };
  return {
    fields: body,
    write(value, to) {
      to.array(fields.length);
      body.write(value, to);
    },
    read(from) {
      const length = itemsIn(from, 'a record');
      if (length !== fields.length) throw wrongCount(length, fields.length);
      return body.read(from);
    },
    json(value) {
      const record = { ...(value as Record<string, unknown>) };
      refuseUnknown(Object.keys(record));
      for (const { name, codec } of changed) record[name] = codec.json(record[name]);
      return record;
    },
  };
}

export const wrongCount = (length: number, wanted: number): CodecError =>
  new CodecError('', `has ${length} fields where ${wanted} belong`);

export function itemsIn(from: CborReader, what: string): number {
  if (from.kind() !== 'array') throw new CodecError('', `not ${what}`);
  return from.array();
}

function listOf(node: Node): Compiled {
  const item = compile(itemOf(node));
  return {
    write(value, to) {
      if (!Array.isArray(value)) throw new CodecError('', 'not a list');
      checkCount(node, value.length);
      to.array(value.length);
      for (const [index, each] of value.entries()) {
        try {
          item.write(each, to);
        } catch (error) {
          throw below(index, error);
        }
      }
    },
    read(from) {
      const length = itemsIn(from, 'a list');
      checkCount(node, length);
      const items: unknown[] = [];
      for (let index = 0; index < length; index += 1) {
        try {
          items.push(item.read(from));
        } catch (error) {
          throw below(index, error);
        }
      }
      return Object.freeze(items);
    },
    json: (value) => (value as readonly unknown[]).map(item.json),
  };
}

/** What is well-formed is not held against the pattern again: one pass over each digit is enough. */
function hexOf(node: Node): Compiled {
  const check = textCheckOf(node);
  const [least, most] = bytesIn(node.pattern ?? '');
  return {
    write(value, to) {
      const isLong = typeof value === 'string' && value.length >= 2 * least;
      if (isLong && value.length <= 2 * most && to.hex(value)) return;
      check(value);
      throw new CodecError('', 'not hexadecimal of whole bytes');
    },
    read(from) {
      if (from.kind() !== 'bytes') throw new CodecError('', 'not a byte string');
      const bytes = from.bytes();
      const hex = toHex(bytes);
      return bytes.length >= least && bytes.length <= most ? hex : check(hex);
    },
    json: asItIs,
  };
}

/** How many bytes may be, by the two patterns that schema.ts writes. */
function bytesIn(pattern: string): readonly [number, number] {
  const found = /^\^(?:\[0-9a-f\]\{(\d+)\}|\(\[0-9a-f\]\{2\}\)\{(\d+),(\d+)\})\$$/.exec(pattern);
  const [, digits, least, most] = found ?? [];
  if (digits !== undefined) return [Number(digits) >> 1, Number(digits) >> 1];
  if (least === undefined) throw new RangeError(`${pattern} is no pattern of bytes`);
  return [Number(least), Number(most)];
}

function integerOf({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Node): Compiled {
  const check = (value: unknown): number => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw new CodecError('', 'not a whole number');
    }
    if (value < minimum || value > maximum) {
      throw new CodecError('', `${value} is outside ${minimum} to ${maximum}`);
    }
    return value;
  };
  return {
    write(value, to) {
      const checked = check(value);
      if (checked < 0) to.bigint(BigInt(checked));
      else to.unsigned(checked);
    },
    read(from) {
      if (from.kind() !== 'integer') throw new CodecError('', 'not an integer');
      return check(from.number());
    },
    json: asItIs,
  };
}

function textOf(node: Node): Compiled {
  const check = textCheckOf(node);
  return {
    write: (value, to) => to.text(check(value)),
    read(from) {
      if (from.kind() !== 'text') throw new CodecError('', 'not text');
      return check(from.text());
    },
    json: asItIs,
  };
}

const fenCodec: Compiled = {
  write: (value, to) => to.bigint(checkFen(value)),
  read(from) {
    if (from.kind() !== 'integer') throw new CodecError('', 'not an amount of fen');
    return checkFen(from.bigint());
  },
  json: String,
};

const booleanCodec: Compiled = {
  write(value, to) {
    if (typeof value !== 'boolean') throw new CodecError('', 'not a boolean value');
    to.boolean(value);
  },
  read(from) {
    if (from.kind() !== 'boolean') throw new CodecError('', 'not a boolean value');
    return from.boolean();
  },
  json: asItIs,
};

function checkCount({ minItems = 0, maxItems = 0 }: Node, count: number): void {
  if (count >= minItems && count <= maxItems) return;
  throw new CodecError('', `has ${count} items; ${minItems} to ${maxItems} may be`);
}

const fenMax = 999_999_999_999_999n;

function checkFen(value: unknown): bigint {
  if (typeof value !== 'bigint') throw new CodecError('', 'not an amount of fen');
  if (value < 0n || value > fenMax) throw new CodecError('', `outside 0 to ${fenMax} fen`);
  return value;
}
