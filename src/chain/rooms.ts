/** The rooms of the exchange, composed for the machine: here and nowhere else. */
import type { Hex } from '../base/bytes.ts';
import { decodeLinked } from '../base/linked-record.ts';
import type { Ledger } from '../base/room.ts';
import { complianceRoom } from '../compliance/room.ts';
import { keyIdOf } from '../base/key-id.ts';
import { governanceRoom } from '../governance/room.ts';
import { beginAtVersion } from '../governance/adopt.ts';
import { watchDeadlines } from '../governance/provisional.ts';
import { machineVersionRecord, rulesVersionRecord } from '../governance/state.ts';
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
import type { ResolvedKey } from './machine/admission.ts';
import type { Genesis } from './machine/genesis.ts';
import { readRecord, recordKey } from './machine/ledger.ts';
import type { MachineParts } from './machine/parts.ts';
import { makeRegistry } from './machine/registry.ts';
import type { VersionStep } from './machine/machine-versions.ts';
import type { RulesStep } from './machine/rules-in-force.ts';
import type { StateChange, StateReader } from './machine/state.ts';
import { txResults } from './tx/results.ts';

export const registry = makeRegistry(
  [
    ...[identityRoom, rightsRoom, pricingRoom, listingRoom, complianceRoom, tradingRoom, jobsRoom],
    governanceRoom,
  ],
  txResults,
  engineResults,
  zkResults,
);

/** A key as it was found, and the very values that said so. */
interface Found {
  readonly keyKey: string;
  readonly keyBytes: Uint8Array | undefined;
  readonly organisationKey: string;
  readonly organisationBytes: Uint8Array | undefined;
  readonly resolved: ResolvedKey;
}

const foundMax = 16_384;
const known = new Map<Hex, Found>();

/**
 * Who signs with a key. Each envelope asks three times or more: what was found is true for as long
 * as the state holds the same two values, of which it is enough to see that they are the same.
 */
function resolveKey(state: StateReader, keyId: Hex): ResolvedKey | null {
  const before = known.get(keyId);
  if (before && isAsFound(state, before)) return before.resolved;
  const found = find(state, keyId);
  if (!found) return null;
  if (known.size >= foundMax) known.clear();
  known.set(keyId, found);
  return found.resolved;
}

const isAsFound = (state: StateReader, found: Found): boolean =>
  state.get(found.keyKey) === found.keyBytes &&
  state.get(found.organisationKey) === found.organisationBytes;

function find(state: StateReader, keyId: Hex): Found | null {
  const key = readRecord(state, keyRecord, keyId);
  if (!key) return null;
  const { organisationId, roles, publicKey } = key;
  const organisation = readRecord(state, organisationRecord, organisationId);
  // A role that its organisation has lost is lost by the key.
  const held = roles.filter((role) => organisation?.roles.includes(role));
  const keyKey = recordKey(keyRecord, keyId);
  const organisationKey = recordKey(organisationRecord, organisationId);
  return {
    keyKey,
    keyBytes: state.get(keyKey),
    organisationKey,
    organisationBytes: state.get(organisationKey),
    resolved: {
      actor: { organisationId, keyId, roles: held },
      publicKey,
      active: key.state === 'ACTIVE' && organisation?.state === 'ACTIVE',
    },
  };
}

/** Genesis decides on the machine's rules, and admits one organisation: the operator, who admits all others. */
function begin(ledger: Ledger, genesis: Genesis): void {
  beginAtVersion(ledger, genesis.version);
  beginWithOperator(ledger, genesis);
}

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

const versionRows = recordKey(machineVersionRecord, '');

/** Of all state rows, those that say which version of the rules holds from which height. */
function readVersion({ key, value }: StateChange): VersionStep | null {
  if (value === null || !key.startsWith(versionRows)) return null;
  const { version, fromHeight } = decodeLinked(machineVersionRecord.schema, value).value;
  return { version, fromHeight };
}

const rulesRows = recordKey(rulesVersionRecord, '');

/** Of all state rows, those that say which rule pack holds from which height. */
function readRules({ key, value }: StateChange): RulesStep | null {
  if (value === null || !key.startsWith(rulesRows)) return null;
  const { number, fromHeight, pack } = decodeLinked(rulesVersionRecord.schema, value).value;
  return { number, fromHeight, rules: pack };
}

/** Everything the machine needs but the verification keys that genesis pins. */
export const exchangeParts: Omit<MachineParts, 'verifyProof'> = {
  registry,
  resolveKey,
  begin,
  readVersion,
  readRules,
  watch: watchDeadlines(registry.deadlines),
  sha256: nodeSha256,
};
