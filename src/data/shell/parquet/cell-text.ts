import { fromUtf8OrNull, toHex } from '../../../base/bytes.ts';
import type { SchemaElement } from 'hyparquet';

/**
 * How the values of a column are written as text: docs/fingerprint.md fixes each form, since a fingerprint
 * rests on it. Values come as they are stored, before any library has made numbers or dates of them.
 */
export type CellWriter = (value: unknown) => string;

/** @returns null for a type that has no form: it is refused by name */
export function cellWriter(element: SchemaElement): CellWriter | null {
  const { type, converted_type: converted, logical_type: logical } = element;
  const kind = logical?.type ?? converted ?? 'NONE';
  if (kind === 'DECIMAL') return decimalWriter(element.scale ?? 0);
  if (kind === 'DATE') return (value) => dayText(Number(value));
  if (logical?.type === 'TIMESTAMP') return momentWriter(logical.unit, logical.isAdjustedToUTC);
  if (kind === 'TIMESTAMP_MILLIS') return momentWriter('MILLIS', true);
  if (kind === 'TIMESTAMP_MICROS') return momentWriter('MICROS', true);
  if (logical?.type === 'TIME') return timeWriter(logical.unit);
  if (kind === 'TIME_MILLIS') return timeWriter('MILLIS');
  if (kind === 'TIME_MICROS') return timeWriter('MICROS');
  if (kind === 'UUID') return (value) => uuidText(value as Uint8Array);
  if (['UTF8', 'STRING', 'ENUM', 'JSON'].includes(kind))
    return (value) => text(value as Uint8Array);
  if (isUnsigned(element)) return (value) => unsignedText(value as number | bigint);
  if (/^(INTEGER|INT_(8|16|32|64))$/.test(kind)) return wholeText;
  return kind === 'NONE' ? plainWriter(type) : null;
}

function plainWriter(type: SchemaElement['type']): CellWriter | null {
  switch (type) {
    case 'BOOLEAN':
    case 'INT32':
    case 'INT64':
      return wholeText;
    case 'INT96':
      return momentWriter('NANOS', false);
    case 'FLOAT':
      return (value) => floatText(value as number);
    case 'DOUBLE':
      return (value) => doubleText(value as number);
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return (value) => toHex(value as Uint8Array);
    default:
      return null;
  }
}

const wholeText: CellWriter = (value) => String(value);

const isUnsigned = ({ converted_type, logical_type }: SchemaElement): boolean =>
  (converted_type?.startsWith('UINT_') ?? false) ||
  (logical_type?.type === 'INTEGER' && !logical_type.isSigned);

/** Stored in two's complement, of 32 or 64 bits. */
const unsignedText = (value: number | bigint): string =>
  typeof value === 'bigint' ? String(BigInt.asUintN(64, value)) : String(value >>> 0);

/** All digits of the scale: 5.00 of scale 2. */
const decimalWriter =
  (scale: number): CellWriter =>
  (value) => {
    const unscaled =
      value instanceof Uint8Array ? signedOf(value) : BigInt(value as number | bigint);
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    const sign = unscaled < 0n ? '-' : '';
    return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(digits.length - scale)}`;
  };

/** Two's complement, the most significant byte first. */
function signedOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${toHex(bytes)}`));
}

const unitsOf = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n } as const;
type Unit = keyof typeof unitsOf;

/** 2024-01-31T23:59:59.123456, with as many digits as the unit has; with Z where it is of UTC. */
const momentWriter =
  (unit: Unit, isUtc: boolean): CellWriter =>
  (value) => {
    const perDay = unitsOf[unit] * 86_400n;
    const since = BigInt(value as number | bigint);
    const within = ((since % perDay) + perDay) % perDay;
    const day = dayText(Number((since - within) / perDay));
    return `${day}T${clockText(within, unit)}${isUtc ? 'Z' : ''}`;
  };

const timeWriter =
  (unit: Unit): CellWriter =>
  (value) =>
    clockText(BigInt(value as number | bigint), unit);

function clockText(within: bigint, unit: Unit): string {
  const seconds = within / unitsOf[unit];
  const two = (part: bigint): string => String(part).padStart(2, '0');
  const fraction = String(within % unitsOf[unit]).padStart(String(unitsOf[unit]).length - 1, '0');
  return `${two(seconds / 3_600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}.${fraction}`;
}

const dayMs = 86_400_000;

/** Days since 1970-01-01 in the Gregorian calendar; a year beyond 9999 or before 0 has a sign and six digits. */
function dayText(days: number): string {
  const text = new Date(days * dayMs).toISOString();
  return text.slice(0, text.indexOf('T'));
}

function uuidText(bytes: Uint8Array): string {
  const hex = toHex(bytes);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** Throws RangeError where the bytes are no UTF-8: nothing is replaced. */
function text(bytes: Uint8Array): string {
  const read = fromUtf8OrNull(bytes);
  if (read === null) throw new RangeError('holds bytes that are not UTF-8');
  return read;
}

/** The shortest decimal that reads as the same double (ECMAScript, Number::toString); -0 keeps its sign. */
const doubleText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** The shortest decimal that reads as the same float of 32 bits. */
function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return String(Number(value.toPrecision(9)));
}
