/**
 * The closed vocabulary of fields that commands and records are made of. One TypeBox schema gives
 * the TypeScript type, the JSON Schema of the API and (through codec.ts) the canonical bytes.
 */
import Type, { type Static, type TObject, type TSchema } from 'typebox';
import type { Hex } from './bytes.ts';
import { toBase64url } from './base64url.ts';
import { identifierPattern } from './identifier.ts';

export { Type };
export type { Static, TObject, TSchema };

type Fields = Record<string, TSchema>;

/** A record of named fields; in bytes a positional array in the order written here, for ever. */
export const record = <const Shape extends Fields>(fields: Shape, title?: string) =>
  Type.Object(fields, { additionalProperties: false, ...(title === undefined ? {} : { title }) });

/** How a field is told to who got it wrong: its form in words, and a value that fits it. */
const told = (form: string, example: unknown) => ({ 'x-form': form, examples: [example] });

/** Text of a pattern of its own, which `form` puts into words and `example` fits. */
export const patterned = (
  pattern: string,
  words: { readonly form: string; readonly example: string; readonly description?: string },
) =>
  Type.String({
    pattern,
    ...(words.description === undefined ? {} : { description: words.description }),
    ...told(words.form, words.example),
  });

/** Client-made identifier: lower-case letters, digits and dashes, 3 to 64. */
export const identifier = (description = 'Client-made identifier', charactersMax = 64) =>
  patterned(identifierPattern(charactersMax), {
    form:
      `3 to ${charactersMax} lower-case letters, digits and dashes, ` +
      'of which the first is no dash',
    example: 'birds-2019',
    description,
  });

/** A day, YYYY-MM-DD; whether the calendar has it is for the room to say. */
export const isoDate = (description = 'YYYY-MM-DD') =>
  patterned('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', {
    form: 'a date, YYYY-MM-DD',
    example: '2026-03-05',
    description,
  });

/** Two capital letters: in another spelling one country could be named twice. */
export const country = (description = 'ISO 3166-1 alpha-2 country code') =>
  patterned('^[A-Z]{2}$', {
    form: 'a country code of two capital letters, ISO 3166-1 alpha-2',
    example: 'CN',
    description,
  });

/** People's words: 1 to `maxLength` code points, no control characters. */
export const text = (maxLength: number, description = '', example?: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    ...(description === '' ? {} : { description }),
    ...(example === undefined ? {} : { examples: [example] }),
  });

/** A digest or key of 32 bytes, in hex. */
export const digest = (description = 'SHA-256 digest, hex') =>
  Type.Unsafe<Hex>({
    type: 'string',
    'x-dxl': 'hex',
    pattern: '^[0-9a-f]{64}$',
    description,
    ...told('64 digits of lower-case hex (32 bytes)', exampleDigest),
  });

/** SHA-256 of no bytes. */
const exampleDigest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Bytes in hex, `minBytes` to `maxBytes` of them. */
export const bytes = (minBytes: number, maxBytes: number, description = 'Bytes, hex') =>
  Type.Unsafe<Hex>({
    type: 'string',
    'x-dxl': 'hex',
    pattern: `^([0-9a-f]{2}){${minBytes},${maxBytes}}$`,
    description,
    ...told(
      `lower-case hex of ${minBytes === maxBytes ? minBytes : `${minBytes} to ${maxBytes}`} bytes`,
      'a5'.repeat(Math.max(minBytes, 1)),
    ),
  });

/** Money in fen (1/100 CNY): bigint in memory, decimal text in JSON, 0 to 10^15 - 1. */
export const fen = (description = 'Amount in fen, decimal text') =>
  Type.Unsafe<bigint>({
    type: 'string',
    'x-dxl': 'fen',
    pattern: '^(0|[1-9][0-9]{0,14})$',
    description,
    ...told('whole fen as text of plain digits, 0 to 999999999999999 (1 yuan is 100 fen)', '9000'),
  });

/** A whole number from `minimum` to `maximum` (both safe integers). */
export const integer = (minimum: number, maximum: number, description = '') =>
  Type.Integer({ minimum, maximum, ...(description === '' ? {} : { description }) });

/** Milliseconds since 1970-01-01T00:00:00Z, from the block and never from a clock. */
export const timeMs = (description = 'Block time, ms since the epoch') =>
  Type.Integer({
    minimum: 0,
    maximum: 8_640_000_000_000,
    description,
    ...told(timeForm, 1_772_672_400_000),
  });

/** The example is 2026-03-05 09:00 in Shanghai. */
export const timeForm = 'a moment in whole milliseconds since 1970-01-01T00:00:00Z';

export const flag = (description = '') => Type.Boolean(description === '' ? {} : { description });

export const oneOf = <const Values extends readonly string[]>(values: Values, description = '') =>
  Type.Unsafe<Values[number]>({
    type: 'string',
    enum: [...values],
    ...(description === '' ? {} : { description }),
  });

export const nullable = <Inner extends TSchema>(inner: Inner) =>
  Type.Unsafe<Static<Inner> | null>({ anyOf: [inner, { type: 'null' }] });

/**
 * A field that came to a record after others had been written: only at its end, and never of a record that
 * the state holds by itself (its link stands behind its fields). Where it is absent, the bytes are as before.
 */
export const added = <Inner extends TSchema>(inner: Inner) => Type.Optional(inner);

export const list = <Item extends TSchema>(item: Item, minItems: number, maxItems: number) =>
  Type.Array(item, { minItems, maxItems });

/** Bytes as base64url without padding (RFC 4648, section 5), `minimum` to `maximum` of them. */
export const base64url = (minimum: number, maximum: number, description: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9_-]*$',
    minLength: Math.ceil((minimum * 4) / 3),
    maxLength: Math.ceil((maximum * 4) / 3),
    description: `${description}, base64url`,
    ...told(
      `base64url without padding (RFC 4648, 5) of ${minimum} to ${maximum} bytes`,
      toBase64url(new Uint8Array(Math.max(minimum, 1)).fill(0xa5)),
    ),
  });
