/** What can be stated of a table's column: on the ledger and in descriptions of files alike. */

export const columnTypes = ['TEXT', 'INTEGER', 'DECIMAL', 'DATE', 'TIME', 'BOOLEAN'] as const;
export type ColumnType = (typeof columnTypes)[number];

export const sensitivities = [
  'DIRECT_IDENTIFIER',
  'QUASI_IDENTIFIER',
  'SENSITIVE',
  'GENERAL',
] as const;
export type Sensitivity = (typeof sensitivities)[number];

/** Whether a column's meaning, in the rule pack's words, is of a person: `person.age`. */
export const isOfPerson = (meaning: string | null): boolean =>
  meaning?.startsWith('person.') ?? false;
