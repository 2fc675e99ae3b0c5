import { columnTypes, sensitivities } from '../../base/columns.ts';
import { dateFormFault } from '../form/date-form.ts';
import {
  asList,
  asObject,
  asOneOf,
  asText,
  asTexts,
  descriptionFault,
  ifStated,
} from './described.ts';
import {
  columnMembers,
  type BooleanWords,
  type ColumnDescription,
  type TableDescription,
} from './table.ts';

const marks = ['.', ','] as const;
const groupMarks = ['.', ',', ' ', "'"] as const;

/**
 * A list of columns as a listing states them, `{ name, type, meaning, sensitivity }`, with the other
 * members of `ColumnDescription` where they are stated. Throws TableFault DESCRIPTION.
 */
export function readPlainColumns(value: unknown): TableDescription {
  const columns = asList(value, '').map((item, index) => readColumn(item, `/${index}`));
  return { columns: checkedColumns(columns, '') };
}

function readColumn(value: unknown, pointer: string): ColumnDescription {
  const given = asObject(value, pointer);
  const unknown = Object.keys(given).find(
    (name) => !columnMembers.some((member) => member === name),
  );
  if (unknown !== undefined) {
    throw descriptionFault(`${pointer}/${unknown}`, `is none of ${columnMembers.join(', ')}.`);
  }
  const at = (name: string): string => `${pointer}/${name}`;
  const { type, dateForm, decimalMark, groupMark, words, missing, values } = given;
  const { meaning, sensitivity } = given;
  const column: ColumnDescription = {
    name: asText(given['name'], at('name')),
    type: asOneOf(type ?? 'TEXT', columnTypes, at('type')),
    dateForm: ifStated(dateForm, (stated) => asText(stated, at('dateForm'))),
    decimalMark: asOneOf(decimalMark ?? '.', marks, at('decimalMark')),
    groupMark: ifStated(groupMark, (stated) => asOneOf(stated, groupMarks, at('groupMark'))),
    words: ifStated(words, (stated) => readWords(stated, at('words'))),
    missing: asTexts(missing ?? [''], at('missing')),
    values: asTexts(values ?? [], at('values')),
    meaning: ifStated(meaning, (stated) => asText(stated, at('meaning'))),
    sensitivity: asOneOf(sensitivity ?? 'GENERAL', sensitivities, at('sensitivity')),
  };
  return checkedColumn(column, pointer);
}

function readWords(value: unknown, pointer: string): BooleanWords {
  const { yes, no } = asObject(value, pointer);
  return { yes: asTexts(yes, `${pointer}/yes`), no: asTexts(no, `${pointer}/no`) };
}

/** Throws TableFault DESCRIPTION where the parts of a column contradict each other. */
export function checkedColumn(column: ColumnDescription, pointer: string): ColumnDescription {
  const { dateForm, decimalMark, groupMark, missing, values } = column;
  if (dateForm !== null) {
    const fault = dateFormFault(dateForm);
    if (fault !== null) {
      throw descriptionFault(pointer, `the date form ${dateForm} cannot be read: ${fault}.`);
    }
  }
  if (groupMark === decimalMark && column.type === 'DECIMAL') {
    throw descriptionFault(pointer, `${groupMark} cannot part groups and decimals alike.`);
  }
  const both = values.find((value) => missing.includes(value));
  if (both !== undefined) {
    throw descriptionFault(pointer, `${JSON.stringify(both)} is stated as missing and as a value.`);
  }
  return column;
}

/** Throws TableFault DESCRIPTION where there is none, or a name twice. */
export function checkedColumns(
  columns: readonly ColumnDescription[],
  pointer: string,
): readonly ColumnDescription[] {
  if (columns.length === 0) throw descriptionFault(pointer, 'describes no column.');
  const names = new Set<string>();
  for (const [index, { name }] of columns.entries()) {
    if (names.has(name)) {
      throw descriptionFault(
        `${pointer}/${index}`,
        `a column ${JSON.stringify(name)} stands before.`,
      );
    }
    names.add(name);
  }
  return columns;
}
