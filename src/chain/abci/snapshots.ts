import {
  ResponseApplySnapshotChunk_Result as ApplyResult,
  ResponseOfferSnapshot_Result as OfferResult,
  type RequestApplySnapshotChunk,
  type RequestLoadSnapshotChunk,
  type RequestOfferSnapshot,
  type ResponseApplySnapshotChunk,
  type Snapshot,
} from 'cosmjs-types/tendermint/abci/types';
import type { Application } from './application.ts';

/** The snapshot connection of CometBFT's state-sync. */
export interface Snapshots {
  list(): Promise<Snapshot[]>;
  load(request: RequestLoadSnapshotChunk): Promise<Uint8Array>;
  offer(application: Application, request: RequestOfferSnapshot): OfferResult;
  apply(
    application: Application,
    request: RequestApplySnapshotChunk,
  ): Promise<ResponseApplySnapshotChunk>;
  /** Where its height has come, reads the state before the reply to Commit and packs it after. */
  afterCommit(application: Application): Promise<void>;
}

/** A node that gives and takes none. */
export const noSnapshots: Snapshots = {
  list: async () => [],
  load: async () => new Uint8Array(),
  offer: () => OfferResult.REJECT,
  apply: async () => ({ result: ApplyResult.ABORT, refetchChunks: [], rejectSenders: [] }),
  afterCommit: async () => undefined,
};
