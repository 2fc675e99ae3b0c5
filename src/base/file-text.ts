/**
 * What people save: text in UTF-8, with or without a byte-order mark, and JSON in it. Everything
 * else is refused by name, with what to do. The caller reads the file, and throws in its own words.
 */
import { fromUtf8OrNull } from './bytes.ts';
import { findJsonFault } from './json-fault.ts';

export type FileRead<Value> =
  | { readonly ok: true; readonly value: Value }
  /** A phrase that follows the file's name: `is empty`. */
  | { readonly ok: false; readonly problem: string };

/** The value, or what the caller says of the problem. */
export function taken<Value>(read: FileRead<Value>, refused: (problem: string) => Error): Value {
  if (read.ok) return read.value;
  throw refused(read.problem);
}

/** The text, without its byte-order mark. */
export function readFileText(bytes: Uint8Array): FileRead<string> {
  if (bytes.length === 0) return { ok: false, problem: 'is empty' };
  const encoding = otherEncoding(bytes);
  if (encoding !== null) {
    return { ok: false, problem: `is in ${encoding}: save it as UTF-8 and try again` };
  }
  const text = fromUtf8OrNull(bytes);
  if (text === null) return { ok: false, problem: notUtf8(bytes) };
  const value = text.startsWith('\ufeff') ? text.slice(1) : text;
  return value === '' ? { ok: false, problem: 'is empty' } : { ok: true, value };
}

/** @param secret names the place of what is wrong, and shows nothing of the text */
export function readFileJson(
  bytes: Uint8Array,
  { secret = false }: { readonly secret?: boolean } = {},
): FileRead<unknown> {
  const text = readFileText(bytes);
  if (!text.ok) return text;
  if (text.value.trim() === '') return { ok: false, problem: 'is empty' };
  const fault = findJsonFault(text.value);
  if (fault === null) return { ok: true, value: JSON.parse(text.value) as unknown };
  // Of a secret the problem may quote a name.
  const place = placeIn(text.value, fault.at);
  const where = `is no JSON: line ${place.line}, column ${place.column}`;
  if (secret) return { ok: false, problem: where };
  return { ok: false, problem: `${where}: ${fault.problem}\n${excerpt(place)}` };
}

interface Place {
  /** From 1. */
  readonly line: number;
  /** In characters, from 1. */
  readonly column: number;
  readonly text: string;
}

function placeIn(text: string, at: number): Place {
  const before = text.slice(0, at).split(/\r\n|\n|\r/);
  const start = at - (before.at(-1)?.length ?? 0);
  const [line = ''] = text.slice(start).split(/[\r\n]/, 1);
  return { line: before.length, column: [...(before.at(-1) ?? '')].length + 1, text: line };
}

const shownMax = 72;
const shownBefore = 36;

/** The line, or what of a long one is around the place, and a mark below it. */
function excerpt({ line, column, text }: Place): string {
  const characters = [...text];
  const from = Math.max(0, Math.min(column - 1 - shownBefore, characters.length - shownMax));
  const part = characters.slice(from, from + shownMax).map((each) => (each < ' ' ? ' ' : each));
  const gutter = `${line} | `;
  return `${gutter}${part.join('')}\n${' '.repeat(gutter.length + column - 1 - from)}^`;
}

/** By the byte-order mark, else by the zero bytes that Latin letters have in it; null for neither. */
function otherEncoding(bytes: Uint8Array): string | null {
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes;
  const isMark32 = first === 0xff && second === 0xfe && third === 0 && fourth === 0;
  if (isMark32 || (first === 0 && second === 0 && third === 0xfe && fourth === 0xff)) {
    return 'UTF-32';
  }
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16';
  const zeros = [first, second, third, fourth].map((byte) => (byte === 0 ? '0' : 'x')).join('');
  if (zeros === '000x' || zeros === 'x000') return 'UTF-32';
  if (zeros.startsWith('0x') || zeros.startsWith('x0')) return 'UTF-16';
  return null;
}

function notUtf8(bytes: Uint8Array): string {
  const name = isGb18030(bytes) ? ', most likely in GB18030 (GBK)' : '';
  const { line } = placeIn(shownOf(bytes), shownOf(bytes).indexOf('\ufffd'));
  return `is not in UTF-8${name}, from line ${line} on: save it as UTF-8 and try again`;
}

const shownOf = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);

/** Read so, it holds Chinese characters of common use and nothing that is none. */
function isGb18030(bytes: Uint8Array): boolean {
  try {
    return /[\u4e00-\u9fa5]/.test(new TextDecoder('gb18030', { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
}
