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

/** What the state holds at a key. */
export interface ProvedState {
  readonly key: string;
  /** null: nothing. */
  readonly value: Uint8Array | null;
  /** For `verifyStateProof`. */
  readonly proof: Uint8Array;
}

export interface WantedOfLedger {
  readonly logIndexes?: readonly number[];
  /** Keys of the state, `<kind>/<id>`: only under the newest checkpoint. */
  readonly keys?: readonly string[];
  /** Of the checkpoint; absent: the newest. */
  readonly logSize?: number;
}

/** In the order in which it was asked for, all of it under one checkpoint. */
export interface Proved {
  readonly header: Uint8Array;
  /** Of the block signer, 64 bytes; anything else where validators sealed the header. */
  readonly signature: Uint8Array;
  readonly height: number;
  readonly logSize: number;
  readonly leaves: readonly ProvedLeaf[];
  readonly state: readonly ProvedState[];
}

/** What a dossier is assembled from: an exchange's public API, or anything that knows as much. */
export interface DossierSource {
  /** Canonical CBOR. */
  genesis(): Promise<Uint8Array>;
  /** All events of a record so far, and at least up to `minHeight`, in log order; empty where there
   * is none. */
  eventsOf(kind: string, id: string, minHeight: number | undefined): Promise<readonly FoundEvent[]>;
  /** An envelope with the places of its receipt and of its events. */
  transaction(id: Hex): Promise<{
    readonly envelope: Uint8Array;
    readonly logIndexes: readonly number[];
  }>;
  proofs(wanted: WantedOfLedger): Promise<Proved>;
  /** How validators committed to a header; absent where a source has none that they sealed. */
  commit?(height: number): Promise<FoundCommit>;
  verificationKey(circuitId: string): Promise<VerificationKeyJson>;
}
