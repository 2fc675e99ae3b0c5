import type { Hex } from '../../base/bytes.ts';

/** One thing that is not as it must be. */
export interface Finding {
  readonly table: string;
  /** The row's key: a height, `height/position`, a log index, a state key, `kind/id`. */
  readonly row: string;
  readonly column: string | null;
  readonly problem: string;
}

export interface FsckReport {
  readonly sound: boolean;
  readonly height: number;
  readonly appHash: Hex;
  /** Blocks executed anew to the same app hash: all of them in a sound ledger. */
  readonly replayed: number;
  readonly blocks: number;
  readonly envelopes: number;
  readonly leaves: number;
  readonly stateRows: number;
  readonly events: number;
  readonly records: number;
  /** Blocks under the block signer's signature, and under a seal of CometBFT. */
  readonly signed: number;
  readonly sealed: number;
  /** At most `findingsMax`; `findingCount` counts them all. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

const findingsMax = 1_000;

/** Collects findings and counts rows; a thoroughly damaged ledger does not fill the memory. */
export class Findings {
  readonly list: Finding[] = [];
  count = 0;
  readonly rows = { blocks: 0, envelopes: 0, leaves: 0, stateRows: 0, events: 0, records: 0 };
  /** Added to every problem: the place in a file, where rows have no table to be looked up in. */
  place = '';

  add(table: string, row: string | number, column: string | null, problem: string): void {
    this.count += 1;
    if (this.list.length < findingsMax) {
      this.list.push({ table, row: String(row), column, problem: problem + this.place });
    }
  }

  /** What has been found since the last call; the counts go on. */
  take(): Finding[] {
    return this.list.splice(0);
  }

  /** Adds a finding where a column does not hold what it must. */
  compare(
    table: string,
    row: string | number,
    column: string,
    found: string | number | null,
    wanted: string | number | null,
  ): void {
    if (found === wanted) return;
    this.add(table, row, column, `is ${shown(found)}; ${shown(wanted)} belongs there`);
  }
}

/** Records may hold what is not for every log: long values are cut. */
const shown = (value: string | number | null): string => {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};
