/** The rooms of the exchange, composed for the machine: here and nowhere else. */
import type { Ledger } from '../base/room.ts';
import { complianceRoom } from '../compliance/room.ts';
import { keyIdOf } from '../base/key-id.ts';
import { identityRoom } from '../identity/room.ts';
import { claimCreditCode, keyRecord, organisationRecord } from '../identity/state.ts';
import { listingRoom } from '../listing/room.ts';
import { pricingRoom } from '../pricing/room.ts';
import { jobsRoom } from '../privacy/jobs/room.ts';
import { zkResults } from '../privacy/zk/results.ts';
import { rightsRoom } from '../rights/room.ts';
import { tradingRoom } from '../trading/room.ts';
import { engineResults } from './engine/results.ts';
import { nodeSha256 } from './engine/sha256.ts';
import { resolveKey } from './key-directory.ts';
import type { Genesis } from './machine/genesis.ts';
import type { MachineParts } from './machine/parts.ts';
import { makeRegistry } from './machine/registry.ts';
import { txResults } from './tx/results.ts';

export const registry = makeRegistry(
  [identityRoom, rightsRoom, pricingRoom, listingRoom, complianceRoom, tradingRoom, jobsRoom],
  txResults,
  engineResults,
  zkResults,
);

/** Genesis admits one organisation: the operator, who admits all others. */
function beginWithOperator(ledger: Ledger, genesis: Genesis): void {
  const { organisationId, publicKey, ...facts } = genesis.operator;
  const roles = ['ADMIN', 'OPERATOR'] as const;
  const times = { admittedAtMs: genesis.timeMs, changedAtMs: genesis.timeMs };
  ledger.write(
    organisationRecord,
    {
      ...facts,
      ...times,
      id: organisationId,
      state: 'ACTIVE',
      beneficialOwner: null,
      roles: [...roles],
    },
    'identity.admitted',
  );
  claimCreditCode(ledger, { ...facts, id: organisationId });
  ledger.write(
    keyRecord,
    {
      id: keyIdOf(publicKey),
      state: 'ACTIVE',
      organisationId,
      publicKey,
      roles: [...roles],
      addedAtMs: genesis.timeMs,
      revokedAtMs: null,
    },
    'identity.key-added',
  );
}

/** Everything the machine needs but the verification keys that genesis pins. */
export const exchangeParts: Omit<MachineParts, 'verifyProof'> = {
  registry,
  resolveKey,
  begin: beginWithOperator,
  sha256: nodeSha256,
};
