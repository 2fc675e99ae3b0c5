import type { ColumnDescription, TableDescription } from '../description/table.ts';
import { columnForm } from '../form/column-form.ts';
import { dayNumber, dayReader, type DayReader } from '../form/date-form.ts';
import type { Form } from '../form/form.ts';
import { verdicts } from '../form/form.ts';
import type { RowBatch } from '../row-batch.ts';
import { UndeclaredMarkers, usualMarkers } from './usual-markers.ts';

/** Days that the rows are said to be of, both inclusive, YYYY-MM-DD. */
export interface Coverage {
  readonly from: string;
  readonly to: string;
}

/** A kind of cell: how many there are, and the row of the first, from 1; null where there is none. */
export interface Found {
  readonly count: number;
  readonly row: number | null;
}

/** Counts of one column; nothing in it is a value of the data. */
export interface ColumnCounts {
  readonly name: string;
  /** Cells that hold a declared marker. */
  readonly missing: number;
  /** Cells that look missing and are declared neither missing nor values, by their text. */
  readonly undeclared: readonly (Found & { readonly text: string })[];
  /** All other cells. */
  readonly present: number;
  /** Present cells that can be read as the column's type; null where its form is not stated. */
  readonly ofType: number | null;
  /** Present cells that cannot. */
  readonly other: Found;
  /** Present cells written as the type is written at its best; null where its form is not stated. */
  readonly canonical: number | null;
}

export interface ProfileCounts {
  readonly rows: number;
  readonly columns: readonly ColumnCounts[];
  /** Rows with a date that could be read, and of them those whose dates all lie within the coverage. */
  readonly datedRows: number;
  /** null where no coverage is stated. */
  readonly coveredRows: number | null;
}

interface Tally {
  readonly column: ColumnDescription;
  readonly form: Form | null;
  readonly day: DayReader | null;
  readonly markers: UndeclaredMarkers;
  missing: number;
  present: number;
  ofType: number;
  canonical: number;
  other: number;
  otherRow: number | null;
  readonly undeclared: Map<number, { count: number; row: number }>;
}

const tallyOf = (column: ColumnDescription): Tally => ({
  column,
  form: columnForm(column),
  day: column.type === 'DATE' && column.dateForm !== null ? dayReader(column.dateForm) : null,
  markers: new UndeclaredMarkers([...column.missing, ...column.values]),
  ...{ missing: 0, present: 0, ofType: 0, canonical: 0, other: 0, otherRow: null },
  undeclared: new Map(),
});

const hasDate = 1;
const isOutside = 2;

/** Counts what can be counted of each cell, by what is stated of its column. */
export class Profile {
  readonly #tallies: readonly Tally[];
  readonly #from: number;
  readonly #to: number;
  readonly #isCovered: boolean;
  #rows = 0;
  #datedRows = 0;
  #coveredRows = 0;
  /** Of each row of the batch at hand. */
  #days = new Uint8Array(0);

  constructor({ columns }: TableDescription, coverage: Coverage | null) {
    this.#tallies = columns.map(tallyOf);
    this.#isCovered = coverage !== null;
    this.#from = coverage === null ? 0 : dayNumber(coverage.from);
    this.#to = coverage === null ? Infinity : dayNumber(coverage.to);
  }

  /** @param batch with its missing cells marked */
  add(batch: RowBatch): void {
    if (this.#days.length < batch.rows) this.#days = new Uint8Array(2 * batch.rows);
    this.#days.fill(0);
    for (const [index, tally] of this.#tallies.entries()) this.#column(batch, index, tally);
    for (let row = 0; row < batch.rows; row += 1) {
      const days = this.#days[row] as number;
      if (days === 0) continue;
      this.#datedRows += 1;
      if (days === hasDate) this.#coveredRows += 1;
    }
    this.#rows += batch.rows;
  }

  get counts(): ProfileCounts {
    return {
      rows: this.#rows,
      columns: this.#tallies.map(countsOf),
      datedRows: this.#datedRows,
      coveredRows: this.#isCovered ? this.#coveredRows : null,
    };
  }

  #column({ bytes, starts, ends, rows, columns }: RowBatch, index: number, tally: Tally): void {
    const { form, day, markers } = tally;
    for (let row = 0, cell = index; row < rows; row += 1, cell += columns) {
      const start = starts[cell] as number;
      const end = ends[cell] as number;
      if (end < start) {
        tally.missing += 1;
        continue;
      }
      const marker = markers.find(bytes, start, end);
      if (marker >= 0) {
        this.#undeclared(tally, marker, row);
        continue;
      }
      tally.present += 1;
      if (form === null) continue;
      const verdict = form(bytes, start, end);
      if (verdict === verdicts.other) {
        tally.other += 1;
        tally.otherRow ??= this.#rows + row + 1;
        continue;
      }
      tally.ofType += 1;
      if (verdict === verdicts.canonical) tally.canonical += 1;
      if (day !== null) this.#dated(row, day(bytes, start, end));
    }
  }

  #dated(row: number, day: number): void {
    const isWithin = day >= this.#from && day <= this.#to;
    this.#days[row] = (this.#days[row] as number) | (isWithin ? hasDate : isOutside);
  }

  #undeclared({ undeclared }: Tally, marker: number, row: number): void {
    const found = undeclared.get(marker);
    if (found) found.count += 1;
    else undeclared.set(marker, { count: 1, row: this.#rows + row + 1 });
  }
}

const countsOf = (tally: Tally): ColumnCounts => ({
  name: tally.column.name,
  missing: tally.missing,
  undeclared: [...tally.undeclared].map(([marker, found]) => ({
    text: usualMarkers[marker] ?? '',
    ...found,
  })),
  present: tally.present,
  ofType: tally.form === null ? null : tally.ofType,
  other: { count: tally.other, row: tally.otherRow },
  canonical: tally.form === null ? null : tally.canonical,
});
