import type { CommittedLeaf } from '../chain/engine/ports.ts';

export interface ProjectedEvent {
  readonly stream: string;
  readonly name: string;
  readonly kind: string;
  readonly recordId: string;
  readonly envelopeId: string | null;
  readonly height: number;
  readonly timeMs: number;
  /** A JSON value. */
  readonly body: unknown;
}

/** The record as it stands after the event: the whole of it, not a change. */
export interface ProjectedRecord {
  readonly kind: string;
  readonly id: string;
  readonly status: string | null;
  /** A JSON value. */
  readonly body: unknown;
  /** What a search may find it by; its first 10,000 characters count. */
  readonly searchText: string;
}

export interface ProjectedLeaf {
  readonly event: ProjectedEvent;
  readonly record: ProjectedRecord | null;
}

/** Pure: the same leaf gives the same answer at every replay. Null where a leaf is no event. */
export type DecodeLeaf = (leaf: CommittedLeaf) => ProjectedLeaf | null;

/** How far the read model has come. */
export interface ProjectionCursor {
  /** Index of the next leaf to apply, which is the number of leaves applied. */
  readonly logIndex: number;
  /** Height of the last block that is applied whole. */
  readonly height: number;
}
