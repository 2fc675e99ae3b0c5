import type { Hex } from '../../base/bytes.ts';

/** The chain's last committed position; all of it is written with its block or not at all. */
export interface Head {
  readonly height: number;
  readonly timeMs: number;
  readonly appHash: Hex;
  readonly headerHash: Hex;
  readonly logSize: number;
}

/** One envelope of a block with what became of it. `detail` is for people, not consensus. */
export interface CommittedEnvelope {
  /** SHA-256 of `bytes`. */
  readonly id: Hex;
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly resultCode: number;
  /** Index of the operation that was refused, null where all were applied. */
  readonly failedOperation: number | null;
  readonly detail: string;
  /** Log index of the envelope's receipt leaf. */
  readonly logIndex: number;
}

export interface CommittedLeaf {
  readonly logIndex: number;
  /** Canonical CBOR; the RFC 6962 leaf hash is SHA-256(00 ‖ bytes). */
  readonly bytes: Uint8Array;
}

export interface StateWrite {
  readonly key: string;
  /** null deletes. */
  readonly value: Uint8Array | null;
}

export interface CommittedBlock {
  readonly height: number;
  readonly timeMs: number;
  readonly appHash: Hex;
  readonly headerHash: Hex;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly logSize: number;
  readonly envelopes: readonly CommittedEnvelope[];
  readonly leaves: readonly CommittedLeaf[];
}

/**
 * Where blocks live. `store/` implements it on PostgreSQL; the engine is its single writer and
 * holds that place by an advisory lock for as long as it is open.
 */
export interface BlockStore {
  /** The genesis document this ledger was begun with, or null where there is none yet. */
  readGenesis(): Promise<Uint8Array | null>;
  /** Writes genesis, its state and head (height 0) in one transaction; refuses a second one. */
  begin(genesis: Uint8Array, head: Head, state: readonly StateWrite[]): Promise<void>;
  readHead(): Promise<Head | null>;
  /** Envelopes, leaves, state and head in ONE transaction; resolves only after COMMIT. Throws
   * OperationalError `STORE_FENCED` where the head is not at `block.height - 1`. */
  commit(block: CommittedBlock, state: readonly StateWrite[]): Promise<void>;
  /** All state rows, in byte order of their keys. */
  readState(): AsyncIterable<StateWrite>;
  /** Blocks `from` to `to` (both inclusive), in order, with envelopes and leaves in theirs. */
  readBlocks(from: number, to: number): AsyncIterable<CommittedBlock>;
  /** Bytes of leaves from `from` (inclusive) in log order. */
  readLeaves(from: number): AsyncIterable<CommittedLeaf>;
}

/** Values for a machine that does not hold all of them in memory. */
export interface StateSource {
  /** Every key with its value (null: none), and the head's height, all of one moment. */
  readState(
    keys: readonly string[],
  ): Promise<{ readonly height: number; readonly rows: readonly StateWrite[] }>;
}

/** Single look-ups of what is committed, for the API and for audits. */
export interface LedgerReader {
  readBlock(height: number): Promise<CommittedBlock | null>;
  readEnvelope(id: Hex): Promise<{
    readonly height: number;
    readonly timeMs: number;
    readonly appHash: Hex;
    readonly envelope: CommittedEnvelope;
  } | null>;
  readLeaf(logIndex: number): Promise<Uint8Array | null>;
}

/** A row's own columns, unjudged: an audit compares each with what it must be. */
export interface BlockRow {
  readonly height: number;
  readonly timeMs: number;
  readonly appHash: Hex;
  readonly headerHash: Hex;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly logSize: number;
}

export interface EnvelopeRow extends CommittedEnvelope {
  readonly height: number;
}

export interface LeafRow extends CommittedLeaf {
  readonly height: number;
}

export interface StateRow {
  readonly key: string;
  readonly value: Uint8Array;
  /** Height of the block that wrote it. */
  readonly height: number;
}

export interface EventRow {
  readonly logIndex: number;
  readonly height: number;
  readonly stream: string;
  readonly name: string;
  readonly kind: string;
  readonly recordId: string;
  readonly envelopeId: Hex | null;
  readonly timeMs: number;
  readonly body: unknown;
}

export interface RecordRow {
  readonly kind: string;
  readonly id: string;
  readonly firstLogIndex: number;
  readonly logIndex: number;
  readonly height: number;
  readonly status: string | null;
  readonly body: unknown;
  readonly searchText: string;
}

/** What blocks are made of, in its own order. Nothing of it is ever changed by a node. */
export interface LogReader {
  readGenesis(): Promise<Uint8Array | null>;
  readHead(): Promise<Head | null>;
  /** From a height on; all unless it is given. */
  blocks(fromHeight?: number): AsyncIterable<BlockRow>;
  /** By height and position, from a height on. */
  envelopes(fromHeight?: number): AsyncIterable<EnvelopeRow>;
  leaves(fromIndex?: number): AsyncIterable<LeafRow>;
}

/** Every table in its own order, all of one moment, and nothing written or locked. */
export interface AuditReader extends LogReader {
  /** How far the read models have come, and up to where `events` and `records` may be judged. */
  readCursor(): Promise<{ readonly logIndex: number; readonly height: number } | null>;
  state(): AsyncIterable<StateRow>;
  events(): AsyncIterable<EventRow>;
  /** By kind and id. */
  records(): AsyncIterable<RecordRow>;
}
