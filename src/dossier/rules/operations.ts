/**
 * The operations of the exchange as a verifier knows them: restated here, apart from the rooms that
 * carry them out, so that neither checks itself. docs/dossier.md prints this table.
 */
import { complianceOperations } from './compliance.ts';
import { governanceOperations } from './governance.ts';
import { identityOperations } from './identity.ts';
import { computeOperations } from './compute.ts';
import { listingOperations } from './listing.ts';
import { rightsOperations } from './rights.ts';
import type { OperationRule } from './rule.ts';
import { tradingOperations } from './trading.ts';

export const operationRules: ReadonlyMap<number, OperationRule> = new Map(
  [
    ...identityOperations,
    ...rightsOperations,
    ...listingOperations,
    ...complianceOperations,
    ...tradingOperations,
    ...computeOperations,
    ...governanceOperations,
  ].map((rule) => [rule.number, rule]),
);
