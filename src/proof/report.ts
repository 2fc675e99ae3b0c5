/** What a verifier says of a claim, of proof files as of dossiers. */
import type { Hex } from '../base/bytes.ts';

/** DOES NOT APPLY: what the claim speaks of is not among what the file is of, so that nothing is open. */
export type ClaimOutcome = 'HOLDS' | 'FAILS' | 'NOT SHOWN' | 'DOES NOT APPLY';

/**
 * What a claim's judge found. With problems it fails; without, `absent` leaves it not shown; without
 * both, `inapplicable` says why it does not apply.
 */
export interface Finding {
  readonly problems: readonly string[];
  /** Why the claim cannot be judged: a part that could be here and is not. */
  readonly absent?: string | null;
  /** Why there is nothing to judge, by what the ledger shows: nobody could add the part. */
  readonly inapplicable?: string | null;
  readonly facts?: readonly string[];
}

export interface Settled {
  readonly outcome: ClaimOutcome;
  /** Why it fails, is not shown or does not apply; empty where it holds. */
  readonly reasons: readonly string[];
  /** What was found, for people: ids, sums, digests. */
  readonly facts: readonly string[];
}

/** Reasons of one claim at most: a broken file can give very many. */
const reasonsMax = 20;

export function settle(finding: Finding): Settled {
  const { facts = [] } = finding;
  const { outcome, all } = weigh(finding);
  const more = all.length - reasonsMax;
  const reasons = more > 0 ? [...all.slice(0, reasonsMax), `and ${more} more`] : all;
  return { outcome, reasons, facts };
}

function weigh({ problems, absent, inapplicable }: Finding): {
  outcome: ClaimOutcome;
  all: readonly string[];
} {
  if (problems.length > 0) return { outcome: 'FAILS', all: [...new Set(problems)] };
  if (absent) return { outcome: 'NOT SHOWN', all: [absent] };
  return inapplicable
    ? { outcome: 'DOES NOT APPLY', all: [inapplicable] }
    : { outcome: 'HOLDS', all: [] };
}

export const failing = (reason: string): Finding => ({ problems: [reason] });
export const notShown = (absent: string): Finding => ({ problems: [], absent });

/** What throws here was made to: no field of a whole file does. */
export function attempt<Value>(run: () => Value): { value: Value } | { error: string } {
  try {
    return { value: run() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'unknown' };
  }
}

/** What a claim of a proof file is about, for programs and pages. */
export type Shown =
  | { readonly what: 'leaf'; readonly logIndex: number; readonly leaf: unknown }
  | { readonly what: 'log'; readonly first: number; readonly second: number }
  | {
      readonly what: 'state';
      readonly key: string;
      /** False: the proof shows that nothing stands at the key. */
      readonly present: boolean;
      /** As JSON, where the key is a record's. */
      readonly record: unknown;
    };

export interface ProofClaim extends Settled {
  /** P01 to P06 are of the file; L, E and S with a number are its leaves, logs and state keys. */
  readonly id: string;
  readonly title: string;
  readonly restsOn: string;
  readonly shown: Shown | null;
}

export interface ProofReport {
  readonly format: 'dxl/proof-report/1';
  /**
   * FAILS where any claim fails. HOLDS where the checkpoint is authentic and every leaf, log and
   * key is shown. NOT SHOWN where nothing fails, but something of that is not shown.
   */
  readonly outcome: Exclude<ClaimOutcome, 'DOES NOT APPLY'>;
  readonly notShown: number;
  /** SHA-256 of the file. */
  readonly fileDigest: Hex;
  readonly chainId: string | null;
  readonly genesisHash: Hex | null;
  readonly blockSigner: Hex | null;
  readonly mode: 'development' | 'production' | null;
  readonly checkpoint: {
    readonly height: number;
    readonly timeMs: number;
    /** For people, in the exchange's zone. */
    readonly time: string;
    readonly logSize: number;
    readonly headerHash: Hex;
    readonly appHash: Hex;
  } | null;
  readonly claims: readonly ProofClaim[];
  /** What weakens this very file. */
  readonly warnings: readonly string[];
  /** What no proof file can show. */
  readonly limits: readonly string[];
}

export const proofLimits: readonly string[] = [
  'What came after the checkpoint: a record may have changed since that block.',
  'That the data are authentic, lawful or of worth: the ledger holds digests and what parties signed.',
  'That the operator showed nobody another history: keep this checkpoint, and check later proofs ' +
    'against it.',
];
