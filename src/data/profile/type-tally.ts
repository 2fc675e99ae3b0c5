import { columnForm } from '../form/column-form.ts';
import { dateForm, dayReader } from '../form/date-form.ts';
import { verdicts, type Form } from '../form/form.ts';
import { plainColumn, type ColumnDescription } from '../description/table.ts';
import type { RowBatch } from '../row-batch.ts';
import { UndeclaredMarkers } from './usual-markers.ts';

/** Forms of dates that are proposed; where two fit alike, nothing is. */
const dateForms = [
  ...[
    '%Y-%m-%d',
    '%Y/%m/%d',
    '%Y.%m.%d',
    '%d/%m/%Y',
    '%m/%d/%Y',
    '%d.%m.%Y',
    '%d-%m-%Y',
    '%m-%d-%Y',
  ],
  ...[
    '%Y年%m月%d日',
    '%Y-%m-%d %H:%M:%S',
    '%Y-%m-%d %H:%M',
    '%Y-%m-%dT%H:%M:%S',
    '%Y-%m-%dT%H:%M:%S%z',
    '%Y-%m-%dT%H:%M:%S.%f',
    '%Y-%m-%dT%H:%M:%S.%f%z',
  ],
  ...['%Y/%m/%d %H:%M:%S', '%Y/%m/%d %H:%M', '%d/%m/%Y %H:%M', '%m/%d/%Y %H:%M'],
].map((text) => ({ text, form: dateForm(text) }));

const compactDate = dayReader('%Y%m%d');
/** So many eight-digit numbers that are all days are days. */
const compactDatesMin = 20;

const as = (changes: Partial<ColumnDescription>): Form => {
  const form = columnForm({ ...plainColumn(''), ...changes });
  if (form === null) throw new RangeError('a form was asked for that is not stated');
  return form;
};
const integer = as({ type: 'INTEGER' });
const withPoint = as({ type: 'DECIMAL' });
const withComma = as({ type: 'DECIMAL', decimalMark: ',' });
const time = as({ type: 'TIME' });
const truth = as({ type: 'BOOLEAN', words: { yes: ['true', 'yes'], no: ['false', 'no'] } });

const [zero, comma] = [0x30, 0x2c];
/** Digits of a number beyond which it is a name: no quantity has so many. */
const quantityDigitsMax = 15;

/** What the cells of one column could be read as. */
class ColumnTally {
  readonly #markers = new UndeclaredMarkers([]);
  readonly #dates = new Uint32Array(dateForms.length);
  #cells = 0;
  #integers = 0;
  #names = 0;
  #points = 0;
  #commas = 0;
  /** Of them those that read as thousands too: 1,234. */
  #thousands = 0;
  #times = 0;
  #truths = 0;
  #compactDates = 0;

  add(bytes: Uint8Array, start: number, end: number): void {
    if (this.#markers.find(bytes, start, end) >= 0) return;
    this.#cells += 1;
    if (integer(bytes, start, end) !== verdicts.other) return this.#number(bytes, start, end);
    if (withPoint(bytes, start, end) !== verdicts.other) {
      this.#points += 1;
    } else if (withComma(bytes, start, end) !== verdicts.other) {
      this.#commas += 1;
      if (bytes[end - 4] === comma && bytes[start] !== zero) this.#thousands += 1;
    } else if (time(bytes, start, end) !== verdicts.other) {
      this.#times += 1;
    } else if (truth(bytes, start, end) !== verdicts.other) {
      this.#truths += 1;
    } else if (end - start >= 8 && end - start <= 32) {
      for (const [index, { form }] of dateForms.entries()) {
        if (form(bytes, start, end) !== verdicts.other) {
          this.#dates[index] = (this.#dates[index] as number) + 1;
        }
      }
    }
  }

  #number(bytes: Uint8Array, start: number, end: number): void {
    this.#integers += 1;
    const isName = end - start > quantityDigitsMax || (bytes[start] === zero && end - start > 1);
    if (isName) this.#names += 1;
    if (end - start === 8 && isRecentDay(compactDate(bytes, start, end))) this.#compactDates += 1;
  }

  /**
   * The type that 95 of 100 cells have, what looks missing left aside; TEXT where there is none, and for
   * numbers that begin with a zero or have more than 15 digits.
   */
  propose(name: string): Proposal {
    const column = plainColumn(name);
    const most = (count: number): boolean => count > 0 && count * 100 >= this.#cells * 95;
    const text: Proposal = { column, doubt: null };
    if (this.#names > 0) return text;
    if (this.#compactDates === this.#cells && this.#cells >= compactDatesMin) {
      return { column: { ...column, type: 'DATE', dateForm: '%Y%m%d' }, doubt: null };
    }
    if (most(this.#integers)) return { column: { ...column, type: 'INTEGER' }, doubt: null };
    if (most(this.#integers + this.#points)) {
      return { column: { ...column, type: 'DECIMAL' }, doubt: null };
    }
    if (most(this.#integers + this.#commas)) {
      if (this.#thousands === this.#commas) return { column, doubt: 'ambiguous-number' };
      return { column: { ...column, type: 'DECIMAL', decimalMark: ',' }, doubt: null };
    }
    if (most(this.#times)) return { column: { ...column, type: 'TIME' }, doubt: null };
    if (most(this.#truths)) {
      const words = { yes: ['true', 'yes'], no: ['false', 'no'] };
      return { column: { ...column, type: 'BOOLEAN', words }, doubt: null };
    }
    return this.#proposeDate(column, most) ?? text;
  }

  #proposeDate(column: ColumnDescription, most: (count: number) => boolean): Proposal | null {
    const best = Math.max(...this.#dates);
    if (!most(best)) return null;
    const fitting = dateForms.filter((_, index) => this.#dates[index] === best);
    const date = { ...column, type: 'DATE' } as const;
    const [only] = fitting;
    if (fitting.length > 1 || only === undefined) {
      return { column: date, doubt: 'ambiguous-date-form' };
    }
    return { column: { ...date, dateForm: only.text }, doubt: null };
  }
}

const isRecentDay = (day: number): boolean => day >= 1900_00_00 && day < 2100_00_00;

export interface Proposal {
  readonly column: ColumnDescription;
  /** Why a form could not be told. */
  readonly doubt: 'ambiguous-number' | 'ambiguous-date-form' | null;
}

/** Proposes a description by all rows that it is shown. Proposed types are shown, never used unseen. */
export class TypeTally {
  readonly #names: readonly string[];
  readonly #columns: readonly ColumnTally[];

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#columns = names.map(() => new ColumnTally());
  }

  /** @param batch missing cells are passed over */
  add({ bytes, starts, ends, rows, columns }: RowBatch): void {
    for (const [index, tally] of this.#columns.entries()) {
      for (let row = 0, cell = index; row < rows; row += 1, cell += columns) {
        const [start, end] = [starts[cell] as number, ends[cell] as number];
        if (end >= start) tally.add(bytes, start, end);
      }
    }
  }

  propose(): Proposal[] {
    return this.#columns.map((tally, index) => tally.propose(this.#names[index] ?? ''));
  }
}
