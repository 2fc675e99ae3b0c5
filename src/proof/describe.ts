/** Leaves and state values as JSON for people and programs: records with the names of their fields. */
import { toHex } from '../base/bytes.ts';
import { decodeCbor, type CborValue } from '../base/cbor.ts';
import { fromCbor, toJson } from '../base/codec.ts';
import type { Leaf } from '../chain/machine/leaf.ts';
import { recordKinds } from './records.ts';

/** A record as JSON; null where no kind of record has this name. Throws where it does not fit. */
function recordAsJson(kindName: string, value: CborValue): unknown {
  const kind = recordKinds.get(kindName);
  return kind ? toJson(kind.schema, fromCbor(kind.schema, value)) : null;
}

/** Throws where a record does not fit its kind. */
export const leafAsJson = (leaf: Leaf): unknown =>
  leaf.type === 'event' ? { ...leaf, record: recordAsJson(leaf.kind, leaf.record) } : leaf;

/** Kind and id of a record's key; null for the machine's own keys, which begin with `~`. */
function recordOfKey(key: string): { readonly kind: string; readonly id: string } | null {
  const slash = key.indexOf('/');
  if (key.startsWith('~') || slash <= 0) return null;
  return { kind: key.slice(0, slash), id: key.slice(slash + 1) };
}

/** True where the ledger may hold something at such a key. */
export function isKeyOfLedger(key: string): boolean {
  if (key.startsWith('~')) return true;
  const named = recordOfKey(key);
  return named !== null && named.id !== '' && recordKinds.has(named.kind);
}

/** The record that stands at a key, as JSON; hex of the bytes at a key of the machine's own. */
export function valueAsJson(key: string, value: Uint8Array): unknown {
  const named = recordOfKey(key);
  return named && recordKinds.has(named.kind)
    ? recordAsJson(named.kind, decodeCbor(value))
    : toHex(value);
}
