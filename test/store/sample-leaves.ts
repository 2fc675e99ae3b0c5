import { fromUtf8 } from '../../src/base/bytes.ts';
import type { DecodeLeaf } from '../../src/store/projected-leaf.ts';

/** What a leaf of a sample block holds, as JSON. */
export interface Row {
  id: string;
  kind?: string;
  status?: string | null;
  text?: string;
  body?: Record<string, unknown>;
  stream?: string;
  /** An event that changes no record. */
  bare?: boolean;
  /** A leaf that is no event. */
  silent?: boolean;
  /** While this file is there, the leaf cannot be read, or ends the thread that reads it. */
  fault?: { readonly file: string; readonly kind: 'throws' | 'exits' };
}

export const decode: DecodeLeaf = ({ logIndex, bytes }) => {
  const row = JSON.parse(fromUtf8(bytes)) as Row;
  if (row.silent) return null;
  const { id, kind = 'product', status = 'listed', body = {}, text = '' } = row;
  return {
    event: {
      stream: row.stream ?? `${kind}/${id}`,
      name: 'changed',
      kind,
      recordId: id,
      envelopeId: row.bare ? null : `e${logIndex}`,
      height: Number(row.body?.['height'] ?? 1),
      timeMs: 1_700_000_000_000,
      body,
    },
    record: row.bare ? null : { kind, id, status, body, searchText: text },
  };
};
