import type { ProofClaim, ProofReport } from '../proof/report.ts';
import { cellOf, table } from './output.ts';
import { reportText } from './report-text.ts';

/** Characters of a value that a line shows; --json has all of it. */
const valueMax = 100;

/** A report on a proof file for people. */
export function proofReportText(report: ProofReport): string {
  const { checkpoint } = report;
  const ending = { HOLDS: 'HOLDS', FAILS: 'FAILS', 'NOT SHOWN': 'is NOT SHOWN' }[report.outcome];
  return reportText(report, {
    linesBelow: shownLines,
    facts: {
      log: checkpoint ? `${checkpoint.logSize} leaves` : null,
      appHash: checkpoint?.appHash ?? null,
    },
    notShown: 'What no proof file shows',
    ending: `The proof ${ending}`,
  });
}

/** The fields of a record that is shown, where the claim holds. */
function shownLines({ outcome, shown }: ProofClaim): string[] {
  if (outcome !== 'HOLDS' || shown === null || shown.what === 'log') return [];
  const record = shown.what === 'leaf' ? recordOf(shown.leaf) : shown.record;
  if (record === null || record === undefined) return [];
  const named = typeof record === 'object' ? record : { value: record };
  return table(Object.entries(named).map(([name, value]) => [name, short(cellOf(value))]))
    .split('\n')
    .filter((line) => line !== '');
}

const recordOf = (leaf: unknown): unknown => (leaf as { record?: unknown }).record;

const short = (text: string): string =>
  [...text].length > valueMax ? `${[...text].slice(0, valueMax).join('')}…` : text;
