import { createHash } from 'node:crypto';

/** The construction of docs/state-proofs.md as it reads, by another SHA-256: the whole tree, anew. */
const hash = (...parts: Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

const mark = Buffer.from('dxl/state-leaf/1 a leaf, not two');

interface NaiveLeaf {
  readonly bits: string;
  readonly node: Buffer;
}

const bitsOf = (path: Buffer): string =>
  [...path].map((byte) => byte.toString(2).padStart(8, '0')).join('');

export function naiveStateRoot(state: ReadonlyMap<string, Uint8Array>): Buffer {
  const leaves = [...state].map(([key, value]): NaiveLeaf => {
    const path = hash(Buffer.from(key));
    return { bits: bitsOf(path), node: hash(hash(path, hash(value)), mark) };
  });
  const tag = Buffer.from('dxl/state-root/1');
  return hash(Buffer.of(tag.length), tag, subtree(leaves, 0));
}

function subtree(leaves: readonly NaiveLeaf[], depth: number): Buffer {
  if (leaves.length === 0) return Buffer.alloc(32);
  if (leaves.length === 1) return leaves[0]!.node;
  const below = (bit: string): Buffer =>
    subtree(
      leaves.filter(({ bits }) => bits[depth] === bit),
      depth + 1,
    );
  return hash(below('0'), below('1'));
}
