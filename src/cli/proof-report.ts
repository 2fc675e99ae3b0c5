import type { ProofClaim, ProofReport } from '../proof/report.ts';
import { cellOf, fields, printable, table } from './output.ts';

/** Characters of a value that a line shows; --json has all of it. */
const valueMax = 100;

/** A report on a proof file for people. */
export function proofReportText(report: ProofReport): string {
  const claims = report.claims.flatMap((claim) => [
    [claim.id, claim.outcome, printable(claim.title)],
    ...[...claim.reasons, ...claim.facts].map((line) => ['', '', `  ${printable(line)}`]),
    ...shownLines(claim).map((line) => ['', '', `  ${line}`]),
  ]);
  const { chainId, genesisHash, blockSigner, mode, checkpoint, fileDigest } = report;
  const facts = fields({
    chain: chainId,
    mode,
    genesisHash,
    blockSigner,
    checkpoint: checkpoint
      ? `height ${checkpoint.height}, ${new Date(checkpoint.timeMs).toISOString()}`
      : null,
    log: checkpoint ? `${checkpoint.logSize} leaves` : null,
    appHash: checkpoint?.appHash ?? null,
    fileDigest,
  });
  const warnings = report.warnings.map((line) => `Warning: ${printable(line)}\n`).join('');
  const limits = report.limits.map((line) => `  - ${line}\n`).join('');
  const open = report.notShown === 0 ? '' : `; ${report.notShown} claims not shown`;
  const ending = { HOLDS: 'HOLDS', FAILS: 'FAILS', 'NOT SHOWN': 'is NOT SHOWN' }[report.outcome];
  return (
    `${table(claims)}\n${facts}\n${warnings}What no proof file shows:\n${limits}\n` +
    `The proof ${ending}${open}.\n`
  );
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
