import type { Hex } from '../../base/bytes.ts';
import type { NotedBlock } from './ledger-note.ts';
import type { VerifierKey } from './note.ts';

/** A checkpoint as it was given out. */
export interface PublishedNote extends NotedBlock {
  /** The signed note, with every cosignature that it has by now. */
  readonly bytes: Uint8Array;
  readonly logSize: number;
  /** Witnesses of the policy that have cosigned it, each with the time that it says, in seconds. */
  readonly cosigned: ReadonlyMap<string, number>;
}

export interface WitnessStatus {
  /** As the policy names it. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Leaves of the newest note that it cosigned; 0 for none since this node started. */
  readonly logSize: number;
  readonly timestampS: number | null;
  /** Why the last attempt failed; null where it did not. */
  readonly problem: string | null;
}

/** What became of cosignatures that a witness brought. */
export type Delivered =
  | { readonly outcome: 'taken'; readonly witnesses: readonly string[] }
  | { readonly outcome: 'unknown-note' }
  | { readonly outcome: 'no-witness' };

/** How a node publishes its event log; a port of the API. */
export interface Publication {
  readonly origin: string;
  readonly logKey: VerifierKey;
  /** The block signer's signature over `checkpointKeyClaim`; null on a chain without such a key. */
  readonly keyClaim: Hex | null;
  /** Cosignatures that a checkpoint needs at least to be called witnessed; 0: none is asked for. */
  readonly required: number;
  /** null before the first. */
  latest(): PublishedNote | null;
  /** The newest with the policy's quorum; null where there is none or no policy. */
  witnessed(): PublishedNote | null;
  witnesses(): readonly WitnessStatus[];
  /** Takes a note of this log with cosignatures that a witness did not give as an answer. */
  deliver(note: Uint8Array): Promise<Delivered>;
}
