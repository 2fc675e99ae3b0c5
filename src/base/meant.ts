/** What a value that does not fit was probably meant to be: only where there is one reading of it. */
import { dayOfDate } from './calendar.ts';
import type { FormNode } from './field-form.ts';
import { nearestName } from './nearest.ts';
import { timeForm } from './schema.ts';

/** A phrase with the value as it is to be written, as JSON; null where nothing is certain. */
export function meantBy(node: FormNode, value: unknown): string | null {
  const inner = node.anyOf?.find(({ type }) => type !== 'null');
  if (inner) return meantBy(inner, value);
  if (node['x-dxl'] === 'fen') return fenMeant(value);
  if (typeof value === 'number' && node.type === 'string') return fitting(node, String(value));
  if (typeof value !== 'string') return null;
  if (node.enum) return enumMeant(node.enum, value);
  if (node.type === 'integer') return integerMeant(node, value);
  if (node.type === 'boolean')
    return /^(true|false)$/i.test(value) ? write(value.toLowerCase()) : null;
  if (node.type === 'string') return textMeant(node, value);
  return null;
}

const write = (json: string): string => `write ${json}`;
const writeText = (text: string): string => write(JSON.stringify(text));

/** Full-width digits and signs, as Chinese keyboards give them, and white space around. */
const narrow = (text: string): string =>
  text
    .trim()
    .replaceAll(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));

const fenDigits = /^(0|[1-9][0-9]{0,14})$/;

function fenMeant(value: unknown): string | null {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && fenDigits.test(String(value))
      ? writeText(String(value))
      : null;
  }
  if (typeof value !== 'string') return null;
  const [, sign = '', amount = '', unit = ''] =
    /^([¥￥]?)\s*([^元]*?)\s*(元?)$/u.exec(value.trim()) ?? [];
  const digits = ungrouped(narrow(amount));
  const [, whole = '', part = ''] = /^([0-9]{1,13})(?:\.([0-9]{1,2}))?$/.exec(digits) ?? [];
  if (whole !== '' && (part !== '' || sign !== '' || unit !== '')) {
    const inFen = `${whole}${part.padEnd(2, '0')}`.replace(/^0+(?=[0-9])/, '');
    return `if ${whole}${part === '' ? '' : `.${part}`} yuan is meant, ${writeText(inFen)}`;
  }
  const inFen = plainDigits(digits);
  return inFen !== null && fenDigits.test(inFen)
    ? `if ${inFen} fen is meant, ${writeText(inFen)}`
    : null;
}

/** 9,000 and 9 000 are one number; 9,00 is none. */
const ungrouped = (text: string): string =>
  /^[0-9]{1,3}([,_ '][0-9]{3})+(\.[0-9]{1,2})?$/.test(text) ? text.replaceAll(/[,_ ']/g, '') : text;

/** Of a whole number in another spelling: +5, 05, 1e3, 0x10. */
function plainDigits(text: string): string | null {
  const [, mantissa = '', exponent = ''] = /^([1-9])e\+?([0-9]{1,2})$/i.exec(text) ?? [];
  if (mantissa !== '') return `${mantissa}${'0'.repeat(Number(exponent))}`;
  if (/^0x[0-9a-f]{1,12}$/i.test(text)) return String(Number.parseInt(text, 16));
  const [, digits = null] = /^\+?0*([0-9]{1,16})$/.exec(text) ?? [];
  return digits === null ? null : digits.replace(/^0+(?=[0-9])/, '');
}

function integerMeant(node: FormNode, value: string): string | null {
  if (node['x-form'] === timeForm) {
    const atMs = momentOf(value.trim());
    if (atMs !== null) return write(String(atMs));
  }
  const digits = plainDigits(ungrouped(narrow(value)));
  if (digits === null || !Number.isSafeInteger(Number(digits))) return null;
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = node;
  const isFitting = Number(digits) >= minimum && Number(digits) <= maximum;
  return isFitting ? `if ${digits} is meant, ${write(digits)}` : null;
}

/** ISO 8601 with a zone: without one it could be anybody's. */
function momentOf(text: string): number | null {
  const form =
    /^([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{3}))?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;
  const found = form.exec(text);
  if (!found) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = found
    .slice(1, 8)
    .map((digits: string | undefined) => Number(digits ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const zone = found[8] ?? 'Z';
  const sign = zone.startsWith('-') ? -1 : 1;
  const offset = zone === 'Z' ? 0 : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  const minutes = dayOfDate(year, month, day) * 1440 + hour * 60 + minute - offset;
  return minutes * 60_000 + second * 1000 + ms;
}

function enumMeant(allowed: readonly unknown[], value: string): string | null {
  const names = allowed.filter((name) => typeof name === 'string');
  const near = nearestName(narrow(value), names);
  return near === null ? null : `did you mean ${JSON.stringify(near)}?`;
}

function textMeant(node: FormNode, value: string): string | null {
  const plain = narrow(value);
  const [, year = '', month = '', day = ''] =
    /^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$/u.exec(plain) ?? [];
  const tries = [
    plain,
    plain.toLowerCase(),
    plain.toLowerCase().replace(/^0x/, ''),
    plain.toUpperCase(),
    ...(year === '' ? [] : [`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`]),
  ];
  for (const text of tries) {
    const found = fitting(node, text);
    if (found !== null) return found;
  }
  return null;
}

/** Where a pattern is what it has to fit: any other text would be a guess. */
const fitting = ({ pattern, minLength = 0, maxLength = Infinity }: FormNode, text: string) =>
  pattern !== undefined &&
  text.length >= minLength &&
  text.length <= maxLength &&
  new RegExp(pattern, 'u').test(text)
    ? writeText(text)
    : null;
