import type { Hex } from '../../base/bytes.ts';
import type { Header } from '../../chain/machine/header.ts';
import type { SignedCheckpoint } from '../../dossier/schema.ts';
import type { VerificationKeyJson } from '../../privacy/zk/verifier/verification-key.ts';
import type { CommittedCheckpoint } from '../../proof/checkpoint-schema.ts';

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
  /** With the block signer's signature, or with what shows that validators sealed it. */
  readonly checkpoint: SignedCheckpoint | CommittedCheckpoint;
  readonly header: Pick<Header, 'height' | 'logSize' | 'stateRoot'>;
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
  verificationKey(circuitId: string): Promise<VerificationKeyJson>;
}
