import type { Hex } from '../../base/bytes.ts';
import type { DossierContent } from '../../dossier/schema.ts';
import type { VerificationKeyJson } from '../../privacy/zk/verifier/verification-key.ts';

/** Where an event of a record stands. */
export interface FoundEvent {
  readonly logIndex: number;
  readonly height: number;
  readonly envelopeId: Hex | null;
}

export interface ProvedLeaf {
  readonly logIndex: number;
  readonly leaf: Uint8Array;
  /** Sibling hashes from leaf to root. */
  readonly proof: readonly Uint8Array[];
}

export interface ProvedLeaves {
  /** With the block signer's signature, or with what shows that validators sealed it. */
  readonly checkpoint: DossierContent['checkpoint'];
  readonly logSize: number;
  readonly leaves: readonly ProvedLeaf[];
}

/** What a dossier is assembled from: an exchange's public API, or anything that knows as much. */
export interface DossierSource {
  /** Canonical CBOR. */
  genesis(): Promise<Uint8Array>;
  /** All events of a record so far, in log order; empty where there is none. */
  eventsOf(kind: string, id: string): Promise<readonly FoundEvent[]>;
  /** An envelope with the places of its receipt and of its events. */
  transaction(id: Hex): Promise<{
    readonly envelope: Uint8Array;
    readonly logIndexes: readonly number[];
  }>;
  /** Leaves under the checkpoint of `logSize`, or under the newest. */
  proofs(logIndexes: readonly number[], logSize?: number): Promise<ProvedLeaves>;
  verificationKey(circuitId: string): Promise<VerificationKeyJson>;
}
