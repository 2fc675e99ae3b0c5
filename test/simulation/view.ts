/** Records as the committed events left them: read from leaves, not from a machine's state. */
import { assert } from '../../src/base/assert.ts';
import { encodeCbor } from '../../src/base/cbor.ts';
import { decodeLinked } from '../../src/base/linked-record.ts';
import { decodeLeaf, type EventLeaf, type ReceiptLeaf } from '../../src/chain/machine/leaf.ts';
import { registry } from '../../src/chain/rooms.ts';

/** A record of any kind. */
export type Row = Record<string, unknown> & { readonly id: string; readonly state?: unknown };

export interface BlockLeaves {
  readonly events: readonly EventLeaf[];
  readonly receipts: readonly ReceiptLeaf[];
}

export function readLeaves(leaves: readonly { readonly bytes: Uint8Array }[]): BlockLeaves {
  const events: EventLeaf[] = [];
  const receipts: ReceiptLeaf[] = [];
  for (const { bytes } of leaves) {
    const leaf = decodeLeaf(bytes);
    if (leaf.type === 'event') events.push(leaf);
    else receipts.push(leaf);
  }
  return { events, receipts };
}

export class View {
  readonly #kinds = new Map<string, Map<string, Row>>();

  apply(events: readonly EventLeaf[]): void {
    // Only the last event of a record counts, and decoding is most of the cost.
    const last = new Map(events.map((event) => [`${event.kind}/${event.id}`, event]));
    for (const { kind, id, record } of last.values()) {
      const found = registry.records.get(kind);
      assert(found, `record kind ${kind} is known`);
      const rows = this.#kinds.get(kind) ?? new Map<string, Row>();
      rows.set(id, decodeLinked(found.schema, encodeCbor(record)).value as Row);
      this.#kinds.set(kind, rows);
    }
  }

  all(kind: string): Row[] {
    return [...(this.#kinds.get(kind)?.values() ?? [])];
  }

  get(kind: string, id: string): Row | undefined {
    return this.#kinds.get(kind)?.get(id);
  }
}
