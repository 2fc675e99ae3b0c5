import { toJson } from '../../base/codec.ts';
import { decodeEvent, type EventHead } from './leaf.ts';
import type { Registry } from './registry.ts';

/** An event as read models keep it: its record in JSON, with what lists and searches need. */
export interface ProjectedEvent {
  readonly event: EventHead;
  /** The whole record after the event, as its schema's JSON. */
  readonly body: Record<string, unknown>;
  readonly state: string | null;
  readonly searchText: string;
}

/** What a leaf says of a record; null for a receipt. */
export function projectLeaf(registry: Registry, bytes: Uint8Array): ProjectedEvent | null {
  const decoded = decodeEvent(bytes, registry.records);
  if (decoded === null) return null;
  const { head, kind, record } = decoded;
  const body = toJson(kind.schema, record) as Record<string, unknown>;
  const { state } = body;
  return {
    event: head,
    body,
    state: typeof state === 'string' ? state : null,
    searchText: kind.searchText(record),
  };
}
