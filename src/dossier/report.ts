/** What a verifier says. The list of claims is fixed: a number, once released, keeps its meaning. */
import type { Hex } from '../base/bytes.ts';
import type { Settled } from '../proof/report.ts';
import type { Actor } from './told/actors.ts';
import type { TradeEnd } from './told/ends.ts';
import type { StateRow } from './told/present.ts';

export interface ClaimTitle {
  readonly id: string;
  readonly title: string;
  readonly restsOn: string;
}

/** In the order in which they are judged and shown. */
export const claims = [
  {
    id: 'C01',
    title: 'The file is a well-formed dossier',
    restsOn: 'Canonical JSON with exactly the fields of its format',
  },
  {
    id: 'C02',
    title: 'Genesis and chain are the ones the checkpoint names',
    restsOn: 'Genesis hash, chain id and parameters hash in the block header',
  },
  {
    id: 'C03',
    title: 'The checkpoint is sealed by the chain’s block signer or its validators',
    restsOn:
      'Ed25519 over the header hash, or two thirds of the validators over CometBFT’s next ' +
      'header; the app hash recomputed from its parts',
  },
  {
    id: 'C04',
    title: 'Every leaf is in the event log under the checkpoint',
    restsOn: 'RFC 6962 inclusion proofs to the one log root',
  },
  {
    id: 'C05',
    title: 'Every envelope is signed by a registered key and was applied',
    restsOn: 'Ed25519 over chain id and payload; key events and receipts in the log',
  },
  {
    id: 'C06',
    title: 'Every actor was admitted by the operator and held the role for what it did',
    restsOn: 'Organisation and key records; role lists; separation of duties; proof of possession',
  },
  {
    id: 'C07',
    title: 'The rights were registered, reviewed, made public or excused from it, and certified',
    restsOn: 'The registration’s events in log order; objections and how they ended',
  },
  {
    id: 'C08',
    title: 'The product was listed in the revision that was traded',
    restsOn: 'Listing events; revision root recomputed from the listing’s own fields',
  },
  {
    id: 'C09',
    title: 'Two organisations decided on the listing, neither seeing the other’s decision first',
    restsOn: 'Commitments, the openings that were revealed after both, the owners that are stated',
  },
  {
    id: 'C10',
    title: 'The sample’s k-anonymity proof verifies for this listing',
    restsOn: 'Groth16 under the key pinned in genesis; binding to chain, listing, revision, seller',
  },
  {
    id: 'C11',
    title: 'Each valuation that a trade names, run again, gives the stated value',
    restsOn: 'Disclosed inputs that open the commitment; exact arithmetic of the method',
  },
  {
    id: 'C12',
    title: 'Both parties signed the same terms of the listed revision',
    restsOn: 'Terms hash recomputed; two signed envelopes; frozen revision root',
  },
  {
    id: 'C13',
    title: 'The money in the books balances to the fen and the escrow is empty',
    restsOn: 'Postings, accounts, and the rule pack’s fee and VAT in genesis',
  },
  {
    id: 'C14',
    title: 'The seller declared the registered fingerprint as delivered, and the buyer accepted',
    restsOn:
      'What the seller signed as delivered, the registration’s fingerprint, the buyer’s envelope',
  },
  {
    id: 'C15',
    title: 'The trade certificate was issued for this agreement',
    restsOn: 'Certificate number recomputed from terms hash and time',
  },
  {
    id: 'C16',
    title: 'The compute job was approved, its workers stated one result, and it was released so',
    restsOn: 'Job events, disclosed specification and release that open their digests',
  },
  {
    id: 'C17',
    title: 'Each record is told in lawful steps from its first, and nothing hangs loose',
    restsOn: 'Steps from state to state; each record that another names is here, all here is used',
  },
  {
    id: 'C18',
    title: 'The dossier is sealed by a key that is registered on the chain',
    restsOn: 'Ed25519 over the canonical content, by a key that the log shows registered',
  },
  {
    id: 'C19',
    title: 'Nothing that came later to these records was left out, as of the checkpoint',
    restsOn:
      'State proofs: each record as last shown here is its newest value under the state root',
  },
] as const satisfies readonly ClaimTitle[];

export type ClaimId = (typeof claims)[number]['id'];

export type ClaimResult = ClaimTitle & Settled;

export interface DossierReport {
  readonly format: 'dxl-dossier-report/1';
  /** FAILS where any claim fails; else HOLDS, with `notShown` saying how many were left open. */
  readonly outcome: 'HOLDS' | 'FAILS';
  /** Claims that could be shown of these trades and are not; who asks strictly is refused by one. */
  readonly notShown: number;
  /** Claims of what these trades have not, such as a computation: they leave nothing open. */
  readonly notApplying: number;
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
  } | null;
  readonly trades: readonly string[];
  /** What became of each trade, as the records here say. Where the file FAILS, it is not shown. */
  readonly ends: readonly TradeEnd[];
  readonly present: {
    /** Proved to be the newest states under the checkpoint; else they are only what is shown last. */
    readonly areNewest: boolean;
    readonly rows: readonly StateRow[];
  };
  /** Who acted, and as what. */
  readonly actors: readonly Actor[];
  /**
   * What keeps these from being trades that were completed, paid, and still rest on records in force.
   * No claim fails by it; who asks strictly is refused.
   */
  readonly concerns: readonly string[];
  readonly counts: { readonly bytes: number; readonly leaves: number; readonly envelopes: number };
  readonly claims: readonly ClaimResult[];
  /** What weakens this very dossier, and who in it may not be independent. */
  readonly warnings: readonly string[];
  /** What no dossier can show. */
  readonly limits: readonly string[];
}
