/**
 * The one JSON text of a value: RFC 8785 (JCS) for objects, arrays, well-formed text and integers
 * from 0 to 2^53 - 1, which is all a dossier holds. A file that is not that text is refused, so
 * white space, key order, escapes, duplicate keys and a byte-order mark can hide nothing.
 */
import { compareText, equalBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { refuse, successWith, type Outcome } from '../base/result.ts';
import { dossierResults } from './results.ts';

/** Names of fields are ASCII, in the order of their bytes. Throws a TypeError on any other value. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value === 'number') return canonicalInteger(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('a value that is no text, number, list or object');
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

/** The value of a text that is exactly its canonical one. */
export function parseCanonicalJson(bytes: Uint8Array): Outcome<unknown> {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    if (equalBytes(utf8(canonicalJson(value)), bytes)) return successWith(value);
  } catch (error) {
    return refuse(dossierResults.DOSSIER_NOT_CANONICAL, (error as Error).message);
  }
  return refuse(
    dossierResults.DOSSIER_NOT_CANONICAL,
    'Written anew, its values give other bytes: white space, key order, escapes or a repeated key.',
  );
}
