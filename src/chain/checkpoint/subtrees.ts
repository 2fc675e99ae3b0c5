/**
 * Roots and proofs from hashes of complete subtrees, wherever these come from: a node's memory, or
 * tiles that were fetched. What is made of them is checked against signed roots by its user.
 */
import { emptyRoot, heightOf, isPowerOfTwo, nodeHash, splitPoint } from '../../base/merkle.ts';

/** A complete subtree: of 2^height leaves, beginning at leaf index·2^height. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

export type ReadSubtree = (subtree: Subtree) => Uint8Array;

interface Range {
  readonly start: number;
  readonly size: number;
}

export const rootFrom = (size: number, read: ReadSubtree): Uint8Array =>
  size === 0 ? emptyRoot() : hashOf({ start: 0, size }, read);

/** RFC 6962, 2.1.2; 0 < oldSize <= size. */
export const consistencyProofFrom = (
  oldSize: number,
  size: number,
  read: ReadSubtree,
): Uint8Array[] => ranges(oldSize, { start: 0, size }, true).map((range) => hashOf(range, read));

/**
 * As a consistency proof, but with the hash that RFC 6962 leaves out where the old tree is complete:
 * both roots follow from it (`rootsOfPrefixProof`), so it shows a prefix that is another one too.
 */
export const prefixProofFrom = (oldSize: number, size: number, read: ReadSubtree): Uint8Array[] =>
  ranges(oldSize, { start: 0, size }, false).map((range) => hashOf(range, read));

/** What must be read for a prefix proof, and so for a consistency proof and for both roots. */
export const subtreesOfPrefixProof = (oldSize: number, size: number): Subtree[] =>
  ranges(oldSize, { start: 0, size }, false).flatMap(completeSubtrees);

/** What must be read for the root. */
export const subtreesOfRoot = (size: number): Subtree[] =>
  size === 0 ? [] : completeSubtrees({ start: 0, size });

/** The roots that a prefix proof leads to; null where it does not have the length it must. */
export function rootsOfPrefixProof(
  oldSize: number,
  size: number,
  proof: readonly Uint8Array[],
): { readonly oldRoot: Uint8Array; readonly root: Uint8Array } | null {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(size)) return null;
  if (oldSize < 1 || oldSize > size) return null;
  if (proof.some((hash) => hash.length !== 32)) return null;
  const expected = ranges(oldSize, { start: 0, size }, false);
  if (expected.length !== proof.length) return null;
  const known = new Map(expected.map(({ start, size: of }, at) => [`${start}+${of}`, proof[at]]));
  const fold = ({ start, size: of }: Range): Uint8Array => {
    const hash = known.get(`${start}+${of}`);
    if (hash) return hash;
    const left = splitPoint(of);
    return nodeHash(fold({ start, size: left }), fold({ start: start + left, size: of - left }));
  };
  return { oldRoot: fold({ start: 0, size: oldSize }), root: fold({ start: 0, size }) };
}

/** SUBPROOF of RFC 6962: the ranges whose hashes are a proof, in its order. */
function ranges(oldSize: number, { start, size }: Range, whole: boolean): Range[] {
  if (oldSize === size) return whole ? [] : [{ start, size }];
  const left = splitPoint(size);
  const right = { start: start + left, size: size - left };
  return oldSize <= left
    ? [...ranges(oldSize, { start, size: left }, whole), right]
    : [...ranges(oldSize - left, right, false), { start, size: left }];
}

function hashOf(range: Range, read: ReadSubtree): Uint8Array {
  const hashes = completeSubtrees(range).map(read);
  const last = hashes.pop() ?? emptyRoot();
  return hashes.reduceRight((right, left) => nodeHash(left, right), last);
}

/** From left to right, the largest first; a range of a proof begins where they fit. */
function completeSubtrees({ start, size }: Range): Subtree[] {
  if (isPowerOfTwo(size)) return [{ height: heightOf(size), index: Math.floor(start / size) }];
  const left = splitPoint(size);
  return [
    ...completeSubtrees({ start, size: left }),
    ...completeSubtrees({ start: start + left, size: size - left }),
  ];
}
