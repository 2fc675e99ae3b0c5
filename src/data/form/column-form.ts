import type { ColumnDescription } from '../description/table.ts';
import { dateForm } from './date-form.ts';
import type { Form } from './form.ts';
import { decimalForm, integerForm } from './number-form.ts';
import { booleanForm, textForm, timeForm, usualBooleans } from './word-form.ts';

/** How a column's cells are to be read; null where that has not been stated (a DATE without a form). */
export function columnForm(column: ColumnDescription): Form | null {
  switch (column.type) {
    case 'TEXT':
      return textForm;
    case 'INTEGER':
      return integerForm(column);
    case 'DECIMAL':
      return decimalForm(column);
    case 'DATE':
      return column.dateForm === null ? null : dateForm(column.dateForm);
    case 'TIME':
      return timeForm;
    case 'BOOLEAN':
      return booleanForm(
        column.words === null ? usualBooleans : [...column.words.yes, ...column.words.no],
      );
  }
}
