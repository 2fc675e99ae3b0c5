/**
 * The one JSON text of a value: RFC 8785 (JCS) for objects, arrays, well-formed text, null and
 * integers from 0 to 2^53 - 1, which is all that our files hold. A file that is not that text is
 * refused, so white space, key order, escapes, duplicate keys and a byte-order mark can hide nothing.
 */
import { compareText, equalBytes, fromUtf8, utf8 } from './bytes.ts';

/** Bytes that are no canonical JSON text. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError';
}

/** Names of fields are ASCII, in the order of their bytes. Throws a TypeError on any other value. */
export function canonicalJson(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value === 'number') return canonicalInteger(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') {
    throw new TypeError('a value that is no text, number, list, object or null');
  }
  const fields = Object.entries(value)
    .sort(([left], [right]) => compareText(left, right))
    .map(([name, item]) => `${canonicalText(name)}:${canonicalJson(item)}`);
  return `{${fields.join(',')}}`;
}

function canonicalText(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('text with a lone surrogate');
  return JSON.stringify(text);
}

function canonicalInteger(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    throw new TypeError('a number that is no integer from 0 to 2^53 - 1');
  }
  return String(value);
}

/** The value of a text that is exactly its canonical one. Throws CanonicalJsonError on any other. */
export function parseCanonicalJson(bytes: Uint8Array): unknown {
  let value: unknown;
  let text: string;
  try {
    value = JSON.parse(fromUtf8(bytes));
    text = canonicalJson(value);
  } catch (cause) {
    // Nesting by the thousand ends at the stack's limit, as any other fault of the text.
    throw new CanonicalJsonError((cause as Error).message, { cause });
  }
  if (equalBytes(utf8(text), bytes)) return value;
  throw new CanonicalJsonError(
    'Written anew, its values give other bytes: white space, key order, escapes or a repeated key.',
  );
}
