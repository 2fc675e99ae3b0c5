import { digitsEnd, verdicts, type Form } from './form.ts';

const space = 0x20;

/** Any text can be read. Canonical: no outer space, no two spaces, no tab and no line end in it. */
export const textForm: Form = (bytes, start, end) => {
  let before = space;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < space && (byte === 0x09 || byte === 0x0a || byte === 0x0d)) return verdicts.readable;
    if (byte === space && before === space) return verdicts.readable;
    before = byte;
  }
  return end > start && before === space ? verdicts.readable : verdicts.canonical;
};

/** 07:05, 07:05:30 or 07:05:30.125; 7:05 can be read. */
export const timeForm: Form = (bytes, start, end) => {
  const hours = digitsEnd(bytes, start, Math.min(end, start + 2));
  if (hours === start || hours >= end || numberAt(bytes, start, hours) > 23) return verdicts.other;
  let at = hours;
  for (let part = 0; part < 2 && at < end && bytes[at] !== 0x2e; part += 1) {
    if (bytes[at] !== 0x3a || at + 3 > end) return verdicts.other;
    if (digitsEnd(bytes, at + 1, at + 3) !== at + 3) return verdicts.other;
    if (numberAt(bytes, at + 1, at + 3) > 59) return verdicts.other;
    at += 3;
  }
  if (at === hours) return verdicts.other;
  if (at === hours + 6 && at + 1 < end && bytes[at] === 0x2e) {
    at = digitsEnd(bytes, at + 1, Math.min(end, at + 10));
  }
  if (at !== end) return verdicts.other;
  return hours - start === 2 ? verdicts.canonical : verdicts.readable;
};

function numberAt(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + ((bytes[at] ?? 0) - 0x30);
  return value;
}

/**
 * One of two lists of words. Canonical as they stand there; in another case they can be read.
 * @param words all of ASCII
 */
export const booleanForm = (words: readonly string[]): Form => {
  const known = new Set(words);
  const folded = new Set(words.map((word) => word.toLowerCase()));
  return (bytes, start, end) => {
    if (end - start > 16) return verdicts.other;
    let text = '';
    for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
    if (known.has(text)) return verdicts.canonical;
    return folded.has(text.toLowerCase()) ? verdicts.readable : verdicts.other;
  };
};

/** Words that stand for true and false where a description names none. */
export const usualBooleans = ['true', 'false', 'yes', 'no', 'y', 'n', '1', '0'] as const;
