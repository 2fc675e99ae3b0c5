import { digitsEnd, isDigit, verdicts, type Form, type Verdict } from './form.ts';

const [plus, minus, zero, exponent] = [0x2b, 0x2d, 0x30, 0x65];

/** How numbers are written in a column. */
export interface NumberMarks {
  readonly decimalMark: '.' | ',';
  /** Between groups of three digits: 1,234,567. */
  readonly groupMark: '.' | ',' | ' ' | "'" | null;
}

/** Whole numbers, canonical: 0, 12, -3. A plus, zeros before it and groups can be read. */
export const integerForm = ({ groupMark }: Pick<NumberMarks, 'groupMark'>): Form => {
  const group = groupMark?.charCodeAt(0) ?? -1;
  return (bytes, start, end) => {
    const first = bytes[start];
    const from = first === minus || first === plus ? start + 1 : start;
    const stop = wholePart(bytes, from, end, group);
    if (stop !== end || stop === from) return verdicts.other;
    const isNegativeZero = first === minus && bytes[from] === zero;
    return first === plus || isNegativeZero ? verdicts.readable : wholeVerdict(bytes, from, end);
  };
};

/** Decimal numbers, canonical: 0.50, -12, 3,25 where the mark is a comma. 1.5e3 can be read. */
export const decimalForm = ({ decimalMark, groupMark }: NumberMarks): Form => {
  const group = groupMark?.charCodeAt(0) ?? -1;
  const mark = decimalMark.charCodeAt(0);
  return (bytes, start, end) => {
    const first = bytes[start];
    const from = first === minus || first === plus ? start + 1 : start;
    const whole = wholePart(bytes, from, end, group);
    if (whole === from) return verdicts.other;
    let at = whole;
    if (bytes[at] === mark && at < end) {
      at = digitsEnd(bytes, at + 1, end);
      if (at === whole + 1) return verdicts.other;
    }
    if (at === end) {
      return first === plus ? verdicts.readable : wholeVerdict(bytes, from, whole);
    }
    return isExponent(bytes, at, end) ? verdicts.readable : verdicts.other;
  };
};

/** Of digits alone: canonical without zeros before others. Groups are never canonical. */
function wholeVerdict(bytes: Uint8Array, from: number, stop: number): Verdict {
  if (bytes[from] === zero && stop > from + 1) return verdicts.readable;
  return digitsEnd(bytes, from, stop) === stop ? verdicts.canonical : verdicts.readable;
}

/** Where digits, with groups of three behind the mark, end; `from` where there are none. */
function wholePart(bytes: Uint8Array, from: number, end: number, group: number): number {
  let at = digitsEnd(bytes, from, end);
  if (group < 0 || at - from > 3 || at === from) return at;
  while (bytes[at] === group && at + 3 < end) {
    const next = digitsEnd(bytes, at + 1, Math.min(at + 4, end));
    if (next !== at + 4 || (next < end && isDigit(bytes[next]))) return at;
    at = next;
  }
  return at;
}

function isExponent(bytes: Uint8Array, at: number, end: number): boolean {
  if (((bytes[at] ?? 0) | 0x20) !== exponent) return false;
  const sign = bytes[at + 1];
  const from = sign === plus || sign === minus ? at + 2 : at + 1;
  return from < end && digitsEnd(bytes, from, end) === end;
}
