import type { Logger } from 'pino';
import type { Hex } from '../base/bytes.ts';
import type { Publication } from '../chain/checkpoint/publication.ts';
import type { Engine } from '../chain/engine/engine.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { Registry } from '../chain/machine/registry.ts';
import type { ContentStore } from '../store/content-store.ts';
import type { IdempotencyStore } from '../store/idempotency-store.ts';
import type { StoredLedger } from '../store/ledger-reader.ts';
import type { NonceStore } from '../store/nonce-store.ts';
import type { Projector } from '../store/projection.ts';
import type { Readiness } from './readiness.ts';

export interface ApiLimits {
  /** From one network address; each envelope of a batch counts as a request. */
  readonly requestsPerMinute: number;
  /** How long a submission waits for its block. */
  readonly submitWaitMs: number;
  /** How long a read with ?minHeight= waits for the read model. */
  readonly heightWaitMs: number;
  readonly blobBytesMax: number;
  /** Of all batches, and of leaves and values in proof files, that are being served, together. */
  readonly batchBytesMax: number;
  readonly eventStreamsMax: number;
  readonly heartbeatMs: number;
  /** A request’s signature is taken up to this age. */
  readonly signatureAgeMaxMs: number;
  /** By how much a client’s clock may be ahead. */
  readonly clockSkewMaxMs: number;
  /** How long the answer to an Idempotency-Key is kept. */
  readonly idempotencyKeepMs: number;
  /** Proxies in front of the node whose X-Forwarded-For is believed. */
  readonly trustedProxies: number;
}

export const defaultLimits: ApiLimits = {
  requestsPerMinute: 60_000,
  submitWaitMs: 30_000,
  heightWaitMs: 10_000,
  blobBytesMax: 256 * 1024 * 1024,
  batchBytesMax: 64 * 1024 * 1024,
  eventStreamsMax: 200,
  heartbeatMs: 15_000,
  signatureAgeMaxMs: 300_000,
  clockSkewMaxMs: 30_000,
  idempotencyKeepMs: 24 * 3_600_000,
  trustedProxies: 0,
};

/**
 * What the composition root gives the API. It also keeps the read model going: the API only reads
 * it, so the caller has the projector advance after each block (`engine.onBlock`).
 */
export interface ApiParts {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly genesis: Genesis;
  readonly genesisHash: Hex;
  readonly reader: StoredLedger;
  readonly projector: Projector;
  readonly content: ContentStore;
  /** Addresses of nodes of the same chain, asked for content that this one lacks; none unless given. */
  readonly contentPeers?: readonly string[];
  readonly idempotency: IdempotencyStore;
  readonly nonces: NonceStore;
  /** What /readyz asks. */
  readonly readiness: Readiness;
  readonly log: Logger;
  /** null on a node that signs no notes of the log. */
  readonly publication: Publication | null;
  /** Of the software, as package.json names it. */
  readonly version: string;
  /** Verification keys by circuit id: the very files whose hash genesis pins. */
  readonly verificationKeys: ReadonlyMap<string, object>;
  readonly limits: ApiLimits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
