import { isOfPerson } from '../../base/columns.ts';
import type { CsvFacts } from '../csv/csv-reader.ts';
import type { ColumnDescription } from '../description/table.ts';
import type { ProfileCounts } from './profile.ts';
import type { Proposal } from './type-tally.ts';

export const problemKinds = [
  'ragged-row',
  'blank-line',
  'empty-name',
  'duplicate-name',
  'empty-column',
  'undeclared-marker',
  'wrong-type',
  'date-form-not-stated',
  'ambiguous-date-form',
  'ambiguous-number',
  'no-quasi-identifier',
] as const;

/** What a seller has to look at before a table is registered or listed. */
export interface Problem {
  readonly kind: (typeof problemKinds)[number];
  /** The first row that has it, from 1; null where it is not of a row. */
  readonly row: number | null;
  /** Name of the column; null where it is not of one. */
  readonly column: string | null;
  /** Rows or cells that have it. */
  readonly count: number;
  /** Of an undeclared marker; null else. */
  readonly text: string | null;
  /** Registration or listing refuses the table until it is mended or stated. */
  readonly blocks: boolean;
}

const problem = (kind: Problem['kind'], rest: Partial<Problem> = {}): Problem => ({
  ...{ kind, row: null, column: null, count: 1, text: null, blocks: false },
  ...rest,
});

/** @param proposals where the description was proposed, not stated */
export function problemsOf(
  counts: ProfileCounts,
  described: readonly ColumnDescription[],
  facts: Pick<CsvFacts, 'ragged' | 'blankLines'>,
  proposals: readonly Proposal[] | null,
): Problem[] {
  const { count, first } = facts.ragged;
  return [
    ...(count > 0 ? [problem('ragged-row', { row: first?.row ?? null, count, blocks: true })] : []),
    ...(facts.blankLines > 0 ? [problem('blank-line', { count: facts.blankLines })] : []),
    ...namesOf(described),
    ...described.flatMap((column, index) => ofColumn(counts, column, index, proposals?.[index])),
    ...withoutQuasiIdentifier(described),
  ];
}

function namesOf(described: readonly ColumnDescription[]): Problem[] {
  const names = described.map(({ name }) => name);
  const twice = new Set(names.filter((name, at) => name !== '' && names.indexOf(name) !== at));
  const empty = names.filter((name) => name.trim() === '').length;
  return [
    ...(empty > 0 ? [problem('empty-name', { count: empty, blocks: true })] : []),
    ...[...twice].map((column) =>
      problem('duplicate-name', {
        column,
        count: names.filter((name) => name === column).length,
        blocks: true,
      }),
    ),
  ];
}

function ofColumn(
  { columns, rows }: ProfileCounts,
  described: ColumnDescription,
  index: number,
  proposal: Proposal | undefined,
): Problem[] {
  const counts = columns[index];
  if (counts === undefined) return [];
  const column = described.name;
  const isQuasiIdentifier = described.sensitivity === 'QUASI_IDENTIFIER';
  const doubt = proposal?.doubt ?? null;
  const isUnstated = described.type === 'DATE' && described.dateForm === null && doubt === null;
  return [
    ...counts.undeclared.map(({ text, row, count }) =>
      problem('undeclared-marker', { column, text, row, count, blocks: isQuasiIdentifier }),
    ),
    ...(counts.present === 0 ? [problem('empty-column', { column, count: rows })] : []),
    ...(counts.other.count > 0 ? [problem('wrong-type', { column, ...counts.other })] : []),
    ...(isUnstated ? [problem('date-form-not-stated', { column, count: counts.present })] : []),
    ...(doubt === null ? [] : [problem(doubt, { column, count: counts.present })]),
  ];
}

/** A stated table about people without one would be said to be anonymous, and nobody looked. */
function withoutQuasiIdentifier(described: readonly ColumnDescription[]): Problem[] {
  if (described.some(({ sensitivity }) => sensitivity === 'QUASI_IDENTIFIER')) return [];
  const isOfPeople = described.some(
    ({ meaning, sensitivity }) => isOfPerson(meaning) || sensitivity === 'DIRECT_IDENTIFIER',
  );
  return [problem('no-quasi-identifier', { blocks: isOfPeople })];
}
