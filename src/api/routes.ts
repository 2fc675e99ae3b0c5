import type { Registry } from '../chain/machine/registry.ts';
import type { Route } from './route.ts';
import { blobRoutes } from './routes/blobs.ts';
import { blockRoutes } from './routes/blocks.ts';
import { commitRoutes } from './routes/commits.ts';
import { chainRoutes } from './routes/chain.ts';
import { contentRemovalRoutes } from './routes/content-removals.ts';
import { contentRoutes } from './routes/content.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { circuitRoutes } from './routes/circuits.ts';
import { eventStreamRoutes } from './routes/event-stream.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { keyRoutes } from './routes/keys.ts';
import { logRoutes } from './routes/log.ts';
import { tileRoutes } from './routes/tiles.ts';
import { operationRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/pages.ts';
import { proofRoutes } from './routes/proofs.ts';
import { recordRoutes } from './routes/records.ts';
import { transactionBatchRoute } from './routes/transaction-batch.ts';
import { transactionRoutes } from './routes/transactions.ts';

/** Every operation of the API. Fixed paths come before the collections of the rooms. */
export const allRoutes = (registry: Registry): readonly Route[] => [
  ...transactionRoutes(registry),
  transactionBatchRoute,
  ...keyRoutes,
  ...chainRoutes,
  ...blockRoutes,
  ...commitRoutes,
  ...operationRoutes,
  ...circuitRoutes,
  ...eventStreamRoutes,
  ...eventRoutes,
  ...proofRoutes(registry),
  ...logRoutes,
  ...tileRoutes,
  ...recordRoutes(registry),
  ...blobRoutes,
  ...contentRemovalRoutes,
  ...contentRoutes,
  ...uploadRoutes,
  ...healthRoutes,
  ...pageRoutes,
];
