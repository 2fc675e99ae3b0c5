import { utf8 } from '../../base/bytes.ts';
import type { ColumnDescription } from '../description/table.ts';
import { verdicts } from './form.ts';
import { decimalForm, integerForm } from './number-form.ts';

/** Of a column, how its numbers are written. */
export type NumberColumn = Pick<ColumnDescription, 'type' | 'decimalMark' | 'groupMark'>;

/**
 * The number that a cell says, times 10^scale, exactly. null where the column's description does not read
 * it as a number, it has an exponent, or more digits behind its mark than `scale`.
 */
export function scaledInteger(text: string, column: NumberColumn, scale: number): bigint | null {
  const { type, decimalMark, groupMark } = column;
  const form = type === 'INTEGER' ? integerForm(column) : decimalForm(column);
  const bytes = utf8(text);
  if (form(bytes, 0, bytes.length) === verdicts.other) return null;
  const plain = groupMark === null ? text : text.replaceAll(groupMark, '');
  const [whole = '', behind = ''] = type === 'INTEGER' ? [plain] : plain.split(decimalMark);
  if (!/^[+-]?[0-9]+$/.test(whole) || !/^[0-9]*$/.test(behind)) return null;
  const digits = behind.replace(/0+$/, '');
  if (digits.length > scale) return null;
  return BigInt(whole.replace('+', '') + digits.padEnd(scale, '0'));
}
