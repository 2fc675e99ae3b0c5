/** One column in the words of Table Schema v2 (Frictionless Data), and back. */
import { sensitivities, type ColumnType, type Sensitivity } from '../../base/columns.ts';
import { asObject, asOneOf, asText, asTexts, descriptionFault, ifStated } from './described.ts';
import { checkedColumn } from './plain-columns.ts';
import { plainColumn, type BooleanWords, type ColumnDescription } from './table.ts';

type Members = Readonly<Record<string, unknown>>;

const isoDay = '%Y-%m-%d';
const isoMoment = '%Y-%m-%dT%H:%M:%S';

const typeOf: Readonly<Record<string, ColumnType>> = {
  integer: 'INTEGER',
  year: 'INTEGER',
  number: 'DECIMAL',
  date: 'DATE',
  datetime: 'DATE',
  time: 'TIME',
  boolean: 'BOOLEAN',
};

const groupMarks = ['.', ',', ' ', "'"] as const;

/**
 * @param missing markers of the whole schema
 * Types that the ledger has none of (string, geopoint, object, …) are read as TEXT. Throws TableFault
 * DESCRIPTION.
 */
export function readField(
  value: unknown,
  missing: readonly string[],
  pointer: string,
): ColumnDescription {
  const field = asObject(value, pointer);
  const given = field['type'] === undefined ? 'string' : asText(field['type'], `${pointer}/type`);
  const type = typeOf[given] ?? 'TEXT';
  const sensitivity = field['dxl:sensitivity'] ?? 'GENERAL';
  const column: ColumnDescription = {
    ...plainColumn(asText(field['name'], `${pointer}/name`)),
    type,
    dateForm: type === 'DATE' ? dateFormOf(field, given) : null,
    decimalMark:
      type === 'DECIMAL'
        ? asOneOf(field['decimalChar'] ?? '.', ['.', ','], `${pointer}/decimalChar`)
        : '.',
    groupMark: groupMarkOf(field, type, pointer),
    words: type === 'BOOLEAN' ? wordsOf(field, pointer) : null,
    missing:
      field['missingValues'] === undefined
        ? missing
        : asTexts(field['missingValues'], `${pointer}/missingValues`),
    values: valuesOf(field, pointer),
    meaning: ifStated(field['dxl:meaning'], (stated) => asText(stated, `${pointer}/dxl:meaning`)),
    sensitivity: asOneOf<Sensitivity>(sensitivity, sensitivities, `${pointer}/dxl:sensitivity`),
  };
  return checkedColumn(column, pointer);
}

/** `any` says that nobody has stated it. */
function dateFormOf(field: Members, type: string): string | null {
  const { format } = field;
  if (format === 'any') return null;
  if (typeof format === 'string' && format !== 'default') return format;
  return type === 'datetime' ? isoMoment : isoDay;
}

function groupMarkOf(
  field: Members,
  type: ColumnType,
  pointer: string,
): ColumnDescription['groupMark'] {
  if (type !== 'INTEGER' && type !== 'DECIMAL') return null;
  if (field['bareNumber'] === false) {
    throw descriptionFault(
      `${pointer}/bareNumber`,
      'numbers among other characters are not read: make it true, or the type string.',
    );
  }
  const mark = field['groupChar'];
  return mark === undefined || mark === ''
    ? null
    : asOneOf(mark, groupMarks, `${pointer}/groupChar`);
}

function wordsOf(field: Members, pointer: string): BooleanWords | null {
  const { trueValues, falseValues } = field;
  if (trueValues === undefined && falseValues === undefined) return null;
  return {
    yes: asTexts(trueValues ?? ['true', 'True', 'TRUE', '1'], `${pointer}/trueValues`),
    no: asTexts(falseValues ?? ['false', 'False', 'FALSE', '0'], `${pointer}/falseValues`),
  };
}

function valuesOf(field: Members, pointer: string): string[] {
  const listed = field['dxl:values'];
  return listed === undefined ? [] : asTexts(listed, `${pointer}/dxl:values`);
}

/** @param missing markers of the whole schema, which are not repeated */
export function writeField(column: ColumnDescription, missing: readonly string[]): Members {
  const { name, type, dateForm, decimalMark, groupMark, words, values, meaning } = column;
  const isOwn = column.missing.join('\n') !== missing.join('\n');
  const number = { ...(groupMark === null ? {} : { groupChar: groupMark }) };
  return {
    name,
    ...{
      TEXT: { type: 'string' },
      INTEGER: { type: 'integer', ...number },
      DECIMAL: { type: 'number', decimalChar: decimalMark, ...number },
      DATE: dateField(dateForm),
      TIME: { type: 'time' },
      BOOLEAN: {
        type: 'boolean',
        ...(words === null ? {} : { trueValues: words.yes, falseValues: words.no }),
      },
    }[type],
    ...(isOwn ? { missingValues: column.missing } : {}),
    ...(values.length === 0 ? {} : { 'dxl:values': values }),
    ...(meaning === null ? {} : { 'dxl:meaning': meaning }),
    'dxl:sensitivity': column.sensitivity,
  };
}

function dateField(dateForm: string | null): Members {
  if (dateForm === null) return { type: 'date', format: 'any' };
  if (!dateForm.includes('%H')) return { type: 'date', format: dateForm };
  return { type: 'datetime', format: dateForm };
}
