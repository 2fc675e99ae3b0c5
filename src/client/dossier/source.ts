import type { Hex } from '../../base/bytes.ts';
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

export interface FoundCommit {
  /** Canonical CBOR of each. */
  readonly lightBlocks: readonly Uint8Array[];
  readonly handOver: { readonly statement: Uint8Array; readonly signature: Uint8Array } | null;
}

export interface ProvedLeaves {
  readonly header: Uint8Array;
  /** Of the block signer, 64 bytes; anything else where validators sealed the header. */
  readonly signature: Uint8Array;
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
  /** How validators committed to a header; absent where a source has none that they sealed. */
  commit?(height: number): Promise<FoundCommit>;
  verificationKey(circuitId: string): Promise<VerificationKeyJson>;
}
