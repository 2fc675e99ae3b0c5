import { assert } from '../../base/assert.ts';
import { emptyRoot } from '../../base/merkle.ts';
import { shortNode } from '../digest/short-hash.ts';

const heightMax = 41;

/** The root of RFC 6962 over leaf hashes that come one by one: one hash a level is kept. */
export class RootStack {
  /** nodes[h] is the root of the last complete subtree of 2^h leaves, where bit h of `size` is set. */
  readonly #nodes = new Uint8Array(32 * heightMax);
  readonly #hash = new Uint8Array(32);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param leaf 32 bytes at `at` */
  push(leaf: Uint8Array, at: number): void {
    const hash = this.#hash;
    for (let index = 0; index < 32; index += 1) hash[index] = leaf[at + index] as number;
    let height = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.trunc(rest / 2)) {
      shortNode(this.#nodes, 32 * height, hash, 0, hash, 0);
      height += 1;
    }
    assert(height < heightMax, 'a tree has at most 2^40 leaves');
    this.#nodes.set(hash, 32 * height);
    this.#size += 1;
  }

  root(): Uint8Array {
    if (this.#size === 0) return emptyRoot();
    let root: Uint8Array | null = null;
    for (let height = 0, rest = this.#size; rest > 0; rest = Math.trunc(rest / 2), height += 1) {
      if (rest % 2 === 0) continue;
      const node = this.#nodes.slice(32 * height, 32 * height + 32);
      if (root !== null) shortNode(node, 0, root, 0, node, 0);
      root = node;
    }
    return root ?? emptyRoot();
  }
}
