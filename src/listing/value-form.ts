import { isRealDate } from './facts.ts';
import type { ColumnType } from '../base/columns.ts';

/** How values of a type are recognised, and how they are written at their best. */
interface Form {
  isOfType(value: string): boolean;
  isCanonical(value: string): boolean;
}

const matches =
  (pattern: RegExp) =>
  (value: string): boolean =>
    pattern.test(value);

const integer = /^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)$/;
const decimal = /^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$/;
const isoDate = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const clock = /^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$/;

/** The day that a value says, as YYYY-MM-DD, or null. Year first; `-`, `/` or `.` between. */
export function dateOf(value: string): string | null {
  const found = /^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$/.exec(value.trim());
  if (!found) return null;
  const [, year = '', month = '', day = ''] = found;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isRealDate(iso) ? iso : null;
}

const forms: Readonly<Record<ColumnType, Form>> = {
  TEXT: { isOfType: () => true, isCanonical: (value) => !/\s\s|[\t\r\n]/.test(value) },
  INTEGER: {
    isOfType: matches(integer),
    isCanonical: matches(/^(0|-?[1-9][0-9]*)$/),
  },
  DECIMAL: {
    isOfType: matches(decimal),
    isCanonical: matches(/^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/),
  },
  DATE: { isOfType: (value) => dateOf(value) !== null, isCanonical: matches(isoDate) },
  TIME: { isOfType: matches(clock), isCanonical: matches(/^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$/) },
  BOOLEAN: {
    isOfType: matches(/^(true|false|yes|no|y|n|0|1)$/i),
    isCanonical: matches(/^(true|false)$/),
  },
};

/** A value is present where it is more than white space. */
export const isPresent = (value: string): boolean => value.trim() !== '';

/** Whether a present value can be read as the type, however it is written. */
export const isOfType = (type: ColumnType, value: string): boolean =>
  forms[type].isOfType(value.trim());

/** Whether a present value is written as the type is written at its best, without outer space. */
export const isCanonical = (type: ColumnType, value: string): boolean =>
  value === value.trim() && forms[type].isOfType(value) && forms[type].isCanonical(value);
