import { fields, printable, table } from './output.ts';

interface Claim {
  readonly id: string;
  readonly outcome: string;
  readonly title: string;
  readonly reasons: readonly string[];
  readonly facts: readonly string[];
}

/** What the verifiers of dossiers and of proof files report alike. */
interface Report<Kind extends Claim> {
  readonly chainId: string | null;
  readonly genesisHash: string | null;
  readonly blockSigner: string | null;
  readonly mode: string | null;
  readonly checkpoint: { readonly height: number; readonly time: string } | null;
  readonly fileDigest: string;
  readonly claims: readonly Kind[];
  readonly warnings: readonly string[];
  readonly limits: readonly string[];
  readonly notShown: number;
}

interface Wording<Kind extends Claim> {
  /** What stands before the claims, printable already. */
  readonly lead?: string;
  /** What stands after the last line, likewise. */
  readonly after?: string;
  /** Of this kind of file, beside those of the chain. */
  readonly facts: Parameters<typeof fields>[0];
  readonly notShown: string;
  readonly ending: string;
  /** Lines under a claim that are printable already. */
  readonly linesBelow?: (claim: Kind) => readonly string[];
}

/** A verifier's report for people. */
export function reportText<Kind extends Claim>(
  report: Report<Kind>,
  { lead = '', after = '', facts, notShown, ending, linesBelow = () => [] }: Wording<Kind>,
): string {
  const claims = report.claims.flatMap((claim) => [
    [claim.id, claim.outcome, printable(claim.title)],
    ...[...claim.reasons, ...claim.facts].map((line) => ['', '', `  ${printable(line)}`]),
    ...linesBelow(claim).map((line) => ['', '', `  ${line}`]),
  ]);
  const { chainId, genesisHash, blockSigner, mode, fileDigest } = report;
  const checkpoint = checkpointText(report.checkpoint);
  const ofChain = { chain: chainId, mode, genesisHash, blockSigner, checkpoint };
  const warnings = report.warnings.map((line) => `Warning: ${printable(line)}\n`).join('');
  const limits = report.limits.map((line) => `  - ${line}\n`).join('');
  const open =
    report.notShown === 0
      ? ''
      : `; ${report.notShown} ${report.notShown === 1 ? 'claim' : 'claims'} not shown`;
  return `${lead}${table(claims)}\n${fields({ ...ofChain, ...facts, fileDigest })}\n${warnings}${notShown}:\n${limits}\n${ending}${open}.\n${after}`;
}

const checkpointText = (checkpoint: Report<Claim>['checkpoint']): string | null =>
  checkpoint && `height ${checkpoint.height}, ${checkpoint.time}`;
