/** How a file is another than what it is held against, for people. */
import type { Difference } from './difference.ts';

/** Rows and columns that are named one by one; the rest is counted. */
const namedMax = 20;

/** Label and text of each line. */
export function differenceLines(difference: Difference): Record<string, string> {
  switch (difference.kind) {
    case 'UNREADABLE': {
      const { line, column, detail } = difference;
      const character = column === null ? '' : `, character ${column}`;
      const at = line === null ? '' : `line ${line}${character}`;
      return { difference: 'the file cannot be read', ...where(at), because: detail };
    }
    case 'OTHER_COLUMNS':
      return {
        difference: 'other columns, or in another order',
        expected: difference.expected === null ? 'another number' : named(difference.expected),
        found: named(difference.found),
        differ: named(difference.columns),
      };
    case 'OTHER_ROWS': {
      const { expected, found, columns, ranges, rows } = difference;
      const counts =
        expected === found
          ? `${found} rows, as expected, but not the same`
          : `${found} rows, where ${expected} are expected`;
      return {
        difference: counts,
        ...(columns === null ? {} : { columns: named(columns) }),
        ...where(rows === null ? spans(ranges) : spans(joined(rows))),
      };
    }
    case 'OTHER_BYTES_SAME_TABLE':
      return {
        difference: 'none in the table; the file has other bytes',
        because: difference.detail,
      };
  }
}

/** In one sentence, where there is no room for lines. */
export const differenceSentence = (difference: Difference): string => {
  const { difference: what = '', ...more } = differenceLines(difference);
  const parts = Object.entries(more).map(([label, text]) => `${label}: ${text}`);
  return [what, ...parts].join('; ').replace(/[.]?$/, '.');
};

interface Span {
  readonly from: number;
  readonly to: number;
}

const where = (text: string): Record<string, string> => (text === '' ? {} : { where: text });

/** Runs of row numbers that follow each other. */
function joined(rows: readonly number[]): Span[] {
  const runs: { from: number; to: number }[] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last?.to === row - 1) last.to = row;
    else runs.push({ from: row, to: row });
  }
  return runs;
}

function spans(all: readonly Span[] | null): string {
  if (all === null || all.length === 0) return '';
  const shown = all
    .slice(0, namedMax)
    .map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
  return `rows ${withRest(shown, all.length)}`;
}

const named = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : withRest(names.slice(0, namedMax), names.length);

const withRest = (shown: readonly string[], count: number): string =>
  `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`;
