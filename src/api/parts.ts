import type { Logger } from 'pino';
import type { Hex } from '../base/bytes.ts';
import type { Publication } from '../chain/checkpoint/publication.ts';
import type { Engine } from '../chain/engine/engine.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { Registry } from '../chain/machine/registry.ts';
import type { ContentClaims } from '../store/content-claims.ts';
import type { ContentRemovals, RemovalCounts } from '../store/content-removals.ts';
import type { ContentStore } from '../store/content-store.ts';
import type { IdempotencyStore } from '../store/idempotency-store.ts';
import type { StoredLedger } from '../store/ledger-reader.ts';
import type { NonceStore } from '../store/nonce-store.ts';
import type { Uploads } from '../store/uploads.ts';
import type { Projector } from '../store/projection.ts';
import type { ApiLimits } from './limits.ts';
import type { Notices } from './notices.ts';
import type { Readiness } from './readiness.ts';

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
  readonly claims: ContentClaims;
  readonly removals: ContentRemovals;
  /** As of the last sweep. */
  readonly contentCounts: () => RemovalCounts;
  readonly uploads: Uploads;
  /** Addresses of nodes of the same chain, asked for content that this one lacks; none unless given. */
  readonly contentPeers?: readonly string[];
  readonly idempotency: IdempotencyStore;
  readonly nonces: NonceStore;
  /** What /readyz asks. */
  readonly readiness: Readiness;
  /** What /readyz tells beside. */
  readonly notices: Pick<Notices, 'newest'>;
  readonly log: Logger;
  /** null on a node that signs no notes of the log. */
  readonly publication: Publication | null;
  /** Of the software, as package.json names it. */
  readonly version: string;
  /** Verification keys by circuit id: the very files whose hash genesis pins. */
  readonly verificationKeys: ReadonlyMap<string, object>;
  readonly limits: ApiLimits;
  /** Addresses and networks of proxies in front of the node, whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
