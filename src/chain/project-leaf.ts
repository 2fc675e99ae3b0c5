/** Leaves of the log as read models show them, with the rooms of the exchange. */
import type { Hex } from '../base/bytes.ts';
import { projectLeaf } from './machine/project.ts';
import type { Registry } from './machine/registry.ts';
import { registry } from './rooms.ts';

export interface DecodedLeaf {
  readonly event: {
    readonly stream: string;
    readonly name: string;
    readonly kind: string;
    readonly recordId: string;
    readonly envelopeId: Hex | null;
    readonly height: number;
    readonly timeMs: number;
    readonly body: unknown;
  };
  readonly record: {
    readonly kind: string;
    readonly id: string;
    readonly status: string | null;
    readonly body: unknown;
    readonly searchText: string;
  };
}

/** Null where a leaf is no event. */
export const leafProjector =
  (rooms: Registry) =>
  ({ bytes }: { readonly bytes: Uint8Array }): DecodedLeaf | null => {
    const projected = projectLeaf(rooms, bytes);
    if (!projected) return null;
    const { event, body, state, searchText } = projected;
    const { stream, name, kind, id, envelopeId, height, timeMs } = event;
    return {
      event: { stream, name, kind, recordId: id, envelopeId, height, timeMs, body },
      record: { kind, id, status: state, body, searchText },
    };
  };

export const projectExchangeLeaf = leafProjector(registry);
