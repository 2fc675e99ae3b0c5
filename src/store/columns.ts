import { assert } from '../base/assert.ts';
import type { Hex } from '../base/bytes.ts';

/** int8 arrives as text; heights, log indexes and milliseconds are all within 2^53. */
export function safeInteger(text: string | number): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), `${text} from the database is not a safe integer`);
  return value;
}

/** Column transformer for int8 milliseconds. */
export const epochMs = {
  from: (text: string): number => safeInteger(text),
  to: (value: unknown): unknown => value,
};

const digestPattern = /^[0-9a-f]{64}$/;

export const isDigest = (text: string): boolean => digestPattern.test(text);

/** A 32-byte digest for a bytea column. */
export function digestBytes(hex: Hex, what: string): Buffer {
  assert(isDigest(hex), `${what} must be 64 lower-case hexadecimal digits`);
  return Buffer.from(hex, 'hex');
}

/** Text that PostgreSQL can hold: U+0000 and lone surrogates become U+FFFD. */
export const storableText = (text: string): string =>
  text.isWellFormed() && !text.includes('\0') ? text : text.replace(/\0|\p{Surrogate}/gu, '\ufffd');

/** JSON text for a jsonb column, which like text columns has no U+0000 and no lone surrogate. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  assert(text !== undefined, 'a projected body is a JSON value');
  // In most there is nothing to look for.
  if (!text.includes('\\u')) return text;
  return text.replace(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    /^\\u(?:0000|d)/.test(escape) ? '\ufffd' : escape,
  );
}
