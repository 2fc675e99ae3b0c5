import type { Hex } from '../base/bytes.ts';
import { keyRecord, organisationRecord } from '../identity/state.ts';
import type { ResolvedKey } from './machine/admission.ts';
import { readRecord, recordKey } from './machine/ledger.ts';
import type { StateReader } from './machine/state.ts';

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
export function resolveKey(state: StateReader, keyId: Hex): ResolvedKey | null {
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
  const keyKey = recordKey(keyRecord, keyId);
  const organisationKey = recordKey(organisationRecord, organisationId);
  return {
    keyKey,
    keyBytes: state.get(keyKey),
    organisationKey,
    organisationBytes: state.get(organisationKey),
    resolved: {
      actor: { organisationId, keyId, roles },
      publicKey,
      active: key.state === 'ACTIVE' && organisation?.state === 'ACTIVE',
    },
  };
}
