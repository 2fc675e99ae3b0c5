import { fromCbor, toJson } from '../../base/codec.ts';
import { assert } from '../../base/assert.ts';
import { decodeLeaf, type EventLeaf } from './leaf.ts';
import type { Registry } from './registry.ts';

/** An event as read models keep it: its record in JSON, with what lists and searches need. */
export interface ProjectedEvent {
  readonly event: EventLeaf;
  /** The whole record after the event, as its schema's JSON. */
  readonly body: Record<string, unknown>;
  readonly state: string | null;
  readonly searchText: string;
}

/** What a leaf says of a record; null for a receipt. */
export function projectLeaf(registry: Registry, bytes: Uint8Array): ProjectedEvent | null {
  const leaf = decodeLeaf(bytes);
  if (leaf.type === 'receipt') return null;
  const kind = registry.records.get(leaf.kind);
  assert(kind, `a leaf's record kind ${leaf.kind} is known`);
  const record = fromCbor(kind.schema, leaf.record);
  const body = toJson(kind.schema, record) as Record<string, unknown>;
  const { state } = body;
  return {
    event: leaf,
    body,
    state: typeof state === 'string' ? state : null,
    searchText: kind.searchText(record),
  };
}
