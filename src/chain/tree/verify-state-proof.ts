import { equalBytes } from '../../base/bytes.ts';
import {
  bitAt,
  emptyNode,
  innerNode,
  leafNode,
  pathOf,
  stateRootOf,
  valueHashOf,
} from './state-hash.ts';
import { decodeStateProof, type StateProof } from './state-proof.ts';

/**
 * M-102: whether `value` stands at `key` in the state under `root`, or (null) nothing does. Pure, and it
 * needs nothing but SHA-256: it runs in a browser and offline. The caller has `root` from a header
 * that he trusts. Costs two hashes and one for each level, about 25 at a million keys.
 */
export function verifyStateProof(
  root: Uint8Array,
  key: string,
  value: Uint8Array | null,
  proof: Uint8Array,
): boolean {
  const decoded = decodeStateProof(proof);
  if (!decoded) return false;
  const path = pathOf(key);
  const end = endOf(decoded, path, value);
  const top = end && climb(end, path, decoded.siblings);
  return top !== null && equalBytes(stateRootOf(top), root);
}

/** The node that the path ends in, or null where it does not show what is claimed. */
function endOf(
  { siblings, end }: StateProof,
  path: Uint8Array,
  value: Uint8Array | null,
): Uint8Array | null {
  if (end === 'key') return value && leafNode(path, valueHashOf(value));
  if (value) return null;
  if (end === 'empty') return emptyNode;
  return standsInPlaceOf(end.path, path, siblings.length)
    ? leafNode(end.path, end.valueHash)
    : null;
}

/** True where another leaf is the only one below the same first `depth` steps. */
function standsInPlaceOf(other: Uint8Array, path: Uint8Array, depth: number): boolean {
  for (let at = 0; at < depth; at += 1) if (bitAt(other, at) !== bitAt(path, at)) return false;
  return !equalBytes(other, path);
}

function climb(
  end: Uint8Array,
  path: Uint8Array,
  siblings: readonly Uint8Array[],
): Uint8Array | null {
  let node: Uint8Array | null = end;
  for (let depth = siblings.length - 1; depth >= 0 && node; depth -= 1) {
    const sibling: Uint8Array = siblings[depth] ?? emptyNode;
    node = bitAt(path, depth) === 0 ? innerNode(node, sibling) : innerNode(sibling, node);
  }
  return node;
}
