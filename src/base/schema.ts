/**
 * The closed vocabulary of fields that commands and records are made of. One TypeBox schema gives
 * the TypeScript type, the JSON Schema of the API and (through codec.ts) the canonical bytes.
 */
import Type, { type Static, type TObject, type TSchema } from 'typebox';
import type { Hex } from './bytes.ts';
import { identifierForm } from './identifier.ts';

export { Type };
export type { Static, TObject, TSchema };

type Fields = Record<string, TSchema>;

/** A record of named fields; in bytes a positional array in the order written here, for ever. */
export const record = <const Shape extends Fields>(fields: Shape, title?: string) =>
  Type.Object(fields, { additionalProperties: false, ...(title === undefined ? {} : { title }) });

/** Client-made identifier: lower-case letters, digits and dashes, 3 to 64. */
export const identifier = (description = 'Client-made identifier') =>
  Type.String({ pattern: identifierForm.source, description });

/** People's words: 1 to `maxLength` code points, no control characters. */
export const text = (maxLength: number, description = '') =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    ...(description === '' ? {} : { description }),
  });

/** A digest or key of 32 bytes, in hex. */
export const digest = (description = 'SHA-256 digest, hex') =>
  Type.Unsafe<Hex>({ type: 'string', 'x-dxl': 'hex', pattern: '^[0-9a-f]{64}$', description });

/** Bytes in hex, `minBytes` to `maxBytes` of them. */
export const bytes = (minBytes: number, maxBytes: number, description = 'Bytes, hex') =>
  Type.Unsafe<Hex>({
    type: 'string',
    'x-dxl': 'hex',
    pattern: `^([0-9a-f]{2}){${minBytes},${maxBytes}}$`,
    description,
  });

/** Money in fen (1/100 CNY): bigint in memory, decimal text in JSON, 0 to 10^15 - 1. */
export const fen = (description = 'Amount in fen, decimal text') =>
  Type.Unsafe<bigint>({
    type: 'string',
    'x-dxl': 'fen',
    pattern: '^(0|[1-9][0-9]{0,14})$',
    description,
  });

/** A whole number from `minimum` to `maximum` (both safe integers). */
export const integer = (minimum: number, maximum: number, description = '') =>
  Type.Integer({ minimum, maximum, ...(description === '' ? {} : { description }) });

/** Milliseconds since 1970-01-01T00:00:00Z, from the block and never from a clock. */
export const timeMs = (description = 'Block time, ms since the epoch') =>
  integer(0, 8_640_000_000_000, description);

export const flag = (description = '') => Type.Boolean(description === '' ? {} : { description });

export const oneOf = <const Values extends readonly string[]>(values: Values, description = '') =>
  Type.Unsafe<Values[number]>({
    type: 'string',
    enum: [...values],
    ...(description === '' ? {} : { description }),
  });

export const nullable = <Inner extends TSchema>(inner: Inner) =>
  Type.Unsafe<Static<Inner> | null>({ anyOf: [inner, { type: 'null' }] });

export const list = <Item extends TSchema>(item: Item, minItems: number, maxItems: number) =>
  Type.Array(item, { minItems, maxItems });

/** Bytes as base64url without padding (RFC 4648, section 5), `minimum` to `maximum` of them. */
export const base64url = (minimum: number, maximum: number, description: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9_-]*$',
    minLength: Math.ceil((minimum * 4) / 3),
    maxLength: Math.ceil((maximum * 4) / 3),
    description: `${description}, base64url`,
  });
