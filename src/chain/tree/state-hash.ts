/**
 * Hashes of the state tree (docs/state-proofs.md). Nodes hash exactly 64 bytes, which leaves no
 * room for a prefix; leaves and inner nodes are told apart by the SECOND half of what is hashed.
 */
import { equalBytes, utf8, concat } from '../../base/bytes.ts';
import { sha256, taggedHash, type Sha256 } from '../../base/hash.ts';

/** The subtree without a leaf. Nobody knows bytes that hash to it. */
export const emptyNode: Uint8Array = new Uint8Array(32);

/** The second half of every leaf's 64 bytes, and of no inner node's. Text, and no known hash. */
export const leafMark: Uint8Array = utf8('dxl/state-leaf/1 a leaf, not two');

/** Where a key stands: bit i (from the highest of byte 0) says left (0) or right at depth i. */
export const pathOf = (key: string, hash: Sha256 = sha256): Uint8Array => hash(utf8(key));

export const valueHashOf = (value: Uint8Array, hash: Sha256 = sha256): Uint8Array => hash(value);

/** SHA-256(SHA-256(path ‖ valueHash) ‖ leafMark); of 32-byte halves. */
export const leafNode = (path: Uint8Array, valueHash: Uint8Array): Uint8Array =>
  sha256(concat(sha256(concat(path, valueHash)), leafMark));

/** SHA-256(left ‖ right), or null where the bytes would read as a leaf's. */
export const innerNode = (left: Uint8Array, right: Uint8Array): Uint8Array | null =>
  equalBytes(right, leafMark) ? null : sha256(concat(left, right));

/** What the app hash holds: the tagged hash of the topmost node, so no root of another tree. */
export const stateRootOf = (top: Uint8Array): Uint8Array => taggedHash('dxl/state-root/1', top);

/** 0: left, 1: right. */
export const bitAt = (path: Uint8Array, depth: number): number =>
  ((path[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;
