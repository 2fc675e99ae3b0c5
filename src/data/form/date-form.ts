import { isDigit, verdicts, type Form, type Verdict } from './form.ts';

/**
 * A form of dates: `%Y` (four digits), `%m` and `%d` (two digits, or one that is read) each once, and
 * where there is a time of day `%H`, `%M`, `%S` (two digits each), `%f` (1 to 9 digits) and `%z` (`Z`
 * or `+08:00`); between them any other characters. The tokens of Frictionless Data and of strptime.
 */
export type DateForm = string;

/** The day as a number that orders as days do: 20240131. −1 where the cell is none of the form. */
export type DayReader = (bytes: Uint8Array, start: number, end: number) => number;

interface Token {
  readonly kind: 'Y' | 'm' | 'd' | 'H' | 'M' | 'S' | 'f' | 'z' | 'text';
  readonly text: Uint8Array;
}

const encoder = new TextEncoder();
const tokenKinds: string = 'YmdHMSfz';

/** A phrase that says what is wrong with the form; null where it can be read. */
export function dateFormFault(form: string): string | null {
  const tokens: string[] = form.match(/%./gsu) ?? [];
  const unknown = tokens.find((token) => !tokenKinds.includes(token.slice(1)));
  if (unknown !== undefined) return `${unknown} is none of %Y, %m, %d, %H, %M, %S, %f and %z`;
  const lacking = ['%Y', '%m', '%d'].find((token) => !tokens.includes(token));
  if (lacking !== undefined) return `${lacking} is not in it`;
  return new Set(tokens).size === tokens.length ? null : 'a part is in it twice';
}

/** @param form without fault, by `dateFormFault` */
function tokensOf(form: DateForm): Token[] {
  return (form.match(/%.|[^%]+/gsu) ?? []).map((part) => {
    const kind = part.startsWith('%') ? (part.slice(1) as Token['kind']) : 'text';
    return { kind, text: encoder.encode(part) };
  });
}

const sizes = {
  Y: [4, 4],
  m: [1, 2],
  d: [1, 2],
  H: [1, 2],
  M: [2, 2],
  S: [2, 2],
  f: [1, 9],
} as const;

const scratch = { day: -1, verdict: verdicts.other as Verdict };

/** Reads by the tokens, into `scratch`: nothing is made for a cell. */
function readInto(tokens: readonly Token[], bytes: Uint8Array, start: number, end: number): void {
  scratch.day = -1;
  scratch.verdict = verdicts.other;
  let [year, month, day, at] = [0, 0, 0, start];
  let isCanonical = true;
  for (const { kind, text } of tokens) {
    if (kind === 'text' || kind === 'z') {
      const size = kind === 'text' ? textSize(text, bytes, at, end) : zoneSize(bytes, at, end);
      if (size < 0) return;
      at += size;
      continue;
    }
    const [least, most] = sizes[kind];
    let value = 0;
    let digits = 0;
    while (digits < most && at < end && isDigit(bytes[at])) {
      value = value * 10 + ((bytes[at] ?? 0) - 0x30);
      digits += 1;
      at += 1;
    }
    if (digits < least || value > (limitOf[kind] ?? value)) return;
    if (digits < most && kind !== 'f') isCanonical = false;
    if (kind === 'Y') year = value;
    else if (kind === 'm') month = value;
    else if (kind === 'd') day = value;
  }
  if (at !== end || !isDay(year, month, day)) return;
  scratch.day = year * 10_000 + month * 100 + day;
  scratch.verdict = isCanonical ? verdicts.canonical : verdicts.readable;
}

const limitOf: Readonly<Partial<Record<Token['kind'], number>>> = { H: 23, M: 59, S: 60 };

function textSize(text: Uint8Array, bytes: Uint8Array, at: number, end: number): number {
  if (at + text.length > end) return -1;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text[index]) return -1;
  }
  return text.length;
}

/** `Z`, `+08:00` or `+0800`. */
function zoneSize(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && bytes[at] === 0x5a) return 1;
  const sign = bytes[at];
  if (at >= end || (sign !== 0x2b && sign !== 0x2d)) return -1;
  if (!isDigit(bytes[at + 1]) || !isDigit(bytes[at + 2])) return -1;
  const minutes = bytes[at + 3] === 0x3a ? at + 4 : at + 3;
  const isWhole = minutes + 2 <= end && isDigit(bytes[minutes]) && isDigit(bytes[minutes + 1]);
  return isWhole ? minutes + 2 - at : -1;
}

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** In the Gregorian calendar, also before it was in use. */
function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || year < 1) return false;
  if (day > (daysInMonth[month - 1] ?? 0)) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month !== 2 || day < 29 || isLeap;
}

export function dateForm(form: DateForm): Form {
  const tokens = tokensOf(form);
  return (bytes, start, end) => {
    readInto(tokens, bytes, start, end);
    return scratch.verdict;
  };
}

export function dayReader(form: DateForm): DayReader {
  const tokens = tokensOf(form);
  return (bytes, start, end) => {
    readInto(tokens, bytes, start, end);
    return scratch.day;
  };
}

/** 2024-01-31 as 20240131, to be compared with what a `DayReader` gives. */
export const dayNumber = (isoDate: string): number => Number(isoDate.replaceAll('-', ''));
