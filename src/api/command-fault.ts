/**
 * Which field of an envelope's command does not fit, for whom submitted it: the machine's own words stand in
 * the ledger and stay as they are, so the command is read a second time, outside of consensus.
 */
import { toHex } from '../base/bytes.ts';
import { decodeCbor, type CborValue } from '../base/cbor.ts';
import { CodecError } from '../base/codec-error.ts';
import { decodeTyped } from '../base/codec.ts';
import { codecFault, type FieldFault } from '../base/field-fault.ts';
import { besideNull, type FormNode } from '../base/field-form.ts';
import { namesOf } from '../base/json-pointer.ts';
import type { TSchema } from '../base/schema.ts';
import type { Registry } from '../chain/machine/registry.ts';
import type { SentOperation } from '../chain/tx/envelope.ts';

/**
 * Of the first operation whose command does not fit its schema, with the pointer that it has in a
 * transaction's view: `/operations/0/command/reason`. null where every command fits or is unknown.
 */
export function commandFault(
  registry: Registry,
  operations: readonly SentOperation[],
): FieldFault | null {
  for (const [index, { number, commandBytes }] of operations.entries()) {
    const schema = registry.operations.get(number)?.command;
    const fault = schema && faultIn(schema, commandBytes);
    if (fault) return { ...fault, pointer: `/operations/${index}/command${fault.pointer}` };
  }
  return null;
}

function faultIn(schema: TSchema, bytes: Uint8Array): FieldFault | null {
  try {
    decodeTyped(schema, bytes);
    return null;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const { node, value } = placeIn(schema, decodeCbor(bytes), error.path);
    const fault = codecFault(schema, nestedAt(error.path, asJson(node, value)), error);
    // Records travel as lists: that one stands there is no fault, but how long it is.
    const isShort = node?.type === 'object' && Array.isArray(value);
    return isShort ? { ...fault, message: `${error.problem}: ${fault.form ?? ''}` } : fault;
  }
}

/** What a JSON pointer of the typed value names in the CBOR of it. */
function placeIn(
  schema: TSchema,
  whole: CborValue,
  path: string,
): { node: FormNode | undefined; value: CborValue | undefined } {
  let node: FormNode | undefined = schema;
  let value: CborValue | undefined = whole;
  for (const name of namesOf(path)) {
    node = node && (besideNull(node) ?? node);
    const fields = Object.keys(node?.properties ?? {});
    const at = node?.type === 'array' ? Number(name) : fields.indexOf(name);
    node = node?.type === 'array' ? node.items : node?.properties?.[name];
    value = Array.isArray(value) ? (value as readonly CborValue[])[at] : undefined;
  }
  return { node: node && (besideNull(node) ?? node), value };
}

/** As JSON shows such a value: bytes as hex, amounts as decimal text. */
function asJson(node: FormNode | undefined, value: CborValue | undefined): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return node?.['x-dxl'] === 'fen' || !Number.isSafeInteger(number) ? String(value) : number;
}

/** A value in which nothing stands but this one, at its pointer. */
const nestedAt = (pointer: string, value: unknown): unknown =>
  namesOf(pointer).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
