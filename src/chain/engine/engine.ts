import type { Hex } from '../../base/bytes.ts';
import type { Outcome } from '../../base/result.ts';
import type { RecordKind } from '../../base/room.ts';
import type { Static, TObject } from '../../base/schema.ts';
import type { CommitProof } from '../light/commit-proof.ts';
import type { Header } from '../machine/header.ts';

/** What became of an envelope that stands in a block. */
export interface Receipt {
  readonly envelopeId: Hex;
  readonly height: number;
  readonly position: number;
  readonly timeMs: number;
  /** 0: every operation was applied. */
  readonly resultCode: number;
  readonly failedOperation: number | null;
  readonly detail: string;
  /** Log index of the receipt leaf; its events follow it. */
  readonly logIndex: number;
  readonly appHash: Hex;
}

/** The newest signed header: whoever holds it can check every proof against it. */
export interface Checkpoint {
  readonly header: Header;
  /** Canonical CBOR of the header, and the block signer's Ed25519 signature over its hash. */
  readonly headerBytes: Uint8Array;
  readonly signature: Uint8Array;
}

export interface InclusionProof {
  readonly logIndex: number;
  readonly logSize: number;
  readonly leafHash: Hex;
  readonly hashes: readonly Hex[];
}

/** That the log of `first` leaves is the beginning of that of `second` (RFC 6962, 2.1.2). */
export interface ConsistencyProof {
  readonly first: number;
  readonly second: number;
  readonly hashes: readonly Hex[];
}

/** What `verifyStateProof` checks under a state root. */
export interface StateClaim {
  readonly key: string;
  /** null: the key is not there. */
  readonly value: Uint8Array | null;
  readonly proof: Uint8Array;
}

/** Claims of one moment, with the checkpoint whose state root they are under. */
export interface StateClaims {
  readonly checkpoint: Checkpoint;
  readonly claims: readonly StateClaim[];
}

export interface EngineStatus {
  readonly chainId: string;
  readonly height: number;
  readonly timeMs: number;
  readonly appHash: Hex;
  readonly logSize: number;
  readonly pending: number;
}

/** What an engine sees of this machine's clock. */
export interface ClockStatus {
  /** By how much it is ahead of the newest block, or of genesis. */
  readonly aheadMs: number;
  /** By how much it has stepped against a clock that nobody sets. */
  readonly steppedMs: number;
  /** Why this node makes no block by it, and what to do; null where it does. */
  readonly hold: string | null;
}

export interface EngineNeed {
  /** In lower-case letters and hyphens, and stable. */
  readonly name: string;
  check(): Promise<string | null> | string | null;
}

/** One ordering of envelopes into blocks; the embedded sequencer and CometBFT are two of them. */
export interface Engine {
  /** Refused before any block (nothing recorded), or a receipt after the block is on disk. */
  submit(envelope: Uint8Array): Promise<Outcome<Receipt>>;
  status(): EngineStatus;
  /** null before the first block. */
  checkpoint(): Checkpoint | null;
  /** Inclusion of a leaf under the log of `logSize` leaves (default: the checkpoint's). */
  proveInclusion(logIndex: number, logSize?: number): InclusionProof | null;
  /** That the log only grew between two sizes (default: to the checkpoint's), from 1 on; null where
   * they are out of order or not committed yet. */
  proveConsistency(first: number, second?: number): ConsistencyProof | null;
  /** Presence or absence of state keys under the newest checkpoint's state root; null before the
   * first block. */
  proveState(keys: readonly string[]): Promise<StateClaims | null>;
  /** Hash of the log's 2^height leaves from index·2^height on, for tiles and for proofs made of
   * them; null where not all of them are committed. */
  subtreeHash(height: number, index: number): Uint8Array | null;
  /**
   * How validators committed to the header of `height`: null where the block signer sealed it, or
   * where no such block is. Waits for the next block where the newest is asked for.
   */
  proveCommit?(height: number): Promise<CommitProof | null>;
  nextSequence(keyId: Hex): Promise<number>;
  /** A record as of the newest block that anybody was told of, or a later one; null: none. */
  readRecord<Schema extends TObject>(
    kind: RecordKind<Schema>,
    id: string,
  ): Promise<Static<Schema> | null>;
  /** Called after each block is on disk and visible. Returns the way to unsubscribe. */
  onBlock(listener: (height: number) => void): () => void;
  /** As of the last second. */
  clock(): ClockStatus;
  /** What keeps envelopes from coming into blocks just now; null where nothing does. */
  findTrouble?(): Promise<string | null>;
  /** What this kind of engine needs beside, each by its name; null where nothing is wrong. */
  readonly needs?: readonly EngineNeed[];
  /** Waits for the block in hand; refuses what comes after. */
  stop(): Promise<void>;
}
