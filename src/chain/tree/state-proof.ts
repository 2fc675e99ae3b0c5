/**
 * A proof that a key is, or is not, in the state: the siblings on its path and what the path ends
 * in. One encoding only, so that a changed byte is another proof or none (docs/state-proofs.md).
 */
import { concat, equalBytes } from '../../base/bytes.ts';
import { emptyNode } from './state-hash.ts';

export interface OtherLeaf {
  readonly path: Uint8Array;
  readonly valueHash: Uint8Array;
}

export interface StateProof {
  /** 32 bytes each, from the root down; `emptyNode` where there is nothing beside the path. */
  readonly siblings: readonly Uint8Array[];
  /** `key`: the key's own leaf. `empty`: no leaf. Otherwise the only leaf that is there. */
  readonly end: 'key' | 'empty' | OtherLeaf;
}

const kinds = { key: 0, empty: 1, other: 2 } as const;
const headerBytes = 3;
const depthMax = 256;

/** kind (1) ‖ depth (2) ‖ which siblings are not empty (a bit each) ‖ those ‖ the other leaf. */
export function encodeStateProof({ siblings, end }: StateProof): Uint8Array {
  const kind = typeof end === 'string' ? kinds[end] : kinds.other;
  const header = Uint8Array.of(kind, siblings.length >> 8, siblings.length & 0xff);
  const bitmap = new Uint8Array((siblings.length + 7) >> 3);
  const present: Uint8Array[] = [];
  for (const [depth, sibling] of siblings.entries()) {
    if (equalBytes(sibling, emptyNode)) continue;
    bitmap[depth >> 3] = (bitmap[depth >> 3] ?? 0) | (0x80 >> (depth & 7));
    present.push(sibling);
  }
  const other = typeof end === 'string' ? [] : [end.path, end.valueHash];
  return concat(header, bitmap, ...present, ...other);
}

/** null for every sequence of bytes that `encodeStateProof` does not write. */
export function decodeStateProof(bytes: Uint8Array): StateProof | null {
  const [kind, high = 0, low = 0] = bytes;
  const depth = (high << 8) | low;
  const bitmapBytes = (depth + 7) >> 3;
  if (kind === undefined || kind > kinds.other || depth > depthMax) return null;
  if (bytes.length < headerBytes + bitmapBytes) return null;
  const isPresent = (at: number): boolean =>
    (((bytes[headerBytes + (at >> 3)] ?? 0) >> (7 - (at & 7))) & 1) === 1;
  for (let at = depth; at < bitmapBytes * 8; at += 1) if (isPresent(at)) return null;
  let offset = headerBytes + bitmapBytes;
  const take = (): Uint8Array => bytes.subarray(offset, (offset += 32));
  const siblings: Uint8Array[] = [];
  for (let at = 0; at < depth; at += 1) {
    const sibling = isPresent(at) ? take() : null;
    if (sibling && (sibling.length !== 32 || equalBytes(sibling, emptyNode))) return null;
    siblings.push(sibling ?? emptyNode);
  }
  const end: StateProof['end'] =
    kind === kinds.key
      ? 'key'
      : kind === kinds.empty
        ? 'empty'
        : { path: take(), valueHash: take() };
  return offset === bytes.length ? { siblings, end } : null;
}
