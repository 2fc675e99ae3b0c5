/** Leaves and state values as JSON for people and programs: records with the names of their fields. */
import { toHex } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { toJson } from '../base/codec.ts';
import { decodeLinked, type Link } from '../base/linked-record.ts';
import type { Leaf } from '../chain/machine/leaf.ts';
import { recordKinds } from './records.ts';

interface Described {
  /** null where no kind of record has this name. */
  readonly record: unknown;
  readonly link: Link | null;
}

/** Throws where the record does not fit. */
function describe(kindName: string, bytes: Uint8Array): Described {
  const kind = recordKinds.get(kindName);
  if (!kind) return { record: null, link: null };
  const { value, link } = decodeLinked(kind.schema, bytes);
  return { record: toJson(kind.schema, value), link };
}

/** With the number of an event where it has one. Throws where a record does not fit its kind. */
export function leafAsJson(leaf: Leaf): unknown {
  if (leaf.type !== 'event') return leaf;
  const { record, link } = describe(leaf.kind, encodeCbor(leaf.record));
  return link ? { ...leaf, record, ...link } : { ...leaf, record };
}

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
  return named && recordKinds.has(named.kind) ? describe(named.kind, value).record : toHex(value);
}
