/**
 * M-94: the roots of a block by other code than the machine's: written from docs/chain.md and
 * docs/state-proofs.md with Node's own SHA-256, one node at a time. Where the code that writes
 * blocks had a fault in its trees, its headers would not agree with these.
 */
import { createHash } from 'node:crypto';
import type { Hex } from '../../base/bytes.ts';

/** 32 bytes as a string of 32 characters below 256: a third of what a small Buffer takes. */
type Digest = string;

const sha256 = (...parts: (Uint8Array | Digest)[]): Digest => {
  const hash = createHash('sha256');
  for (const part of parts) {
    if (typeof part === 'string') hash.update(part, 'latin1');
    else hash.update(part);
  }
  return hash.digest('binary');
};

const hexOf = (digest: Digest): Hex => Buffer.from(digest, 'latin1').toString('hex');
const digestOf = (hex: Hex): Digest => Buffer.from(hex, 'hex').toString('latin1');

const leafOf = (bytes: Uint8Array): Digest => sha256('\x00', bytes);
const nodeOf = (left: Digest, right: Digest): Digest => sha256('\x01', left, right);

/** Root of an RFC 6962 tree, as section 2.1 defines it. */
export function merkleRoot(leaves: readonly Uint8Array[]): Hex {
  return leaves.length === 0 ? hexOf(sha256()) : hexOf(subtree(leaves));
}

function subtree(leaves: readonly Uint8Array[]): Digest {
  const [first] = leaves;
  if (first && leaves.length === 1) return leafOf(first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeOf(subtree(leaves.slice(0, split)), subtree(leaves.slice(split)));
}

/** Root of a growing RFC 6962 tree; memory is one hash for each binary digit of its size. */
export class LogRoot {
  /** Complete subtrees from the left, each smaller than the one before. */
  #peaks: { readonly size: number; readonly hash: Digest }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  copy(): LogRoot {
    const copy = new LogRoot();
    copy.#peaks = [...this.#peaks];
    copy.#size = this.#size;
    return copy;
  }

  append(bytes: Uint8Array): void {
    let last = { size: 1, hash: leafOf(bytes) };
    for (let peak = this.#peaks.at(-1); peak?.size === last.size; peak = this.#peaks.at(-1)) {
      this.#peaks.pop();
      last = { size: peak.size * 2, hash: nodeOf(peak.hash, last.hash) };
    }
    this.#peaks.push(last);
    this.#size += 1;
  }

  root(): Hex {
    const hashes = this.#peaks.map(({ hash }) => hash);
    return hexOf(
      hashes.length === 0 ? sha256() : hashes.reduceRight((right, left) => nodeOf(left, right)),
    );
  }
}

interface Leaf {
  readonly path: Digest;
  readonly hash: Digest;
}

interface Fork {
  left: Branch;
  right: Branch;
  /** null where something below has changed. */
  hash: Digest | null;
}

type Branch = Leaf | Fork | null;

const nothing: Digest = '\0'.repeat(32);
const leafMark = 'dxl/state-leaf/1 a leaf, not two';
const isFork = (branch: Branch): branch is Fork => branch !== null && 'left' in branch;
const bitAt = (path: Digest, depth: number): number =>
  (path.charCodeAt(depth >> 3) >> (7 - (depth & 7))) & 1;

/** Root of the state tree (docs/state-proofs.md), about 300 bytes of memory a key. */
export class StateRoot {
  #top: Branch = null;

  /** @param value null takes the key out. */
  set(key: string, value: Uint8Array | null): void {
    const path = sha256(Buffer.from(key));
    const leaf = value && { path, hash: sha256(sha256(path, sha256(value)), leafMark) };
    this.#top = put(this.#top, path, leaf, 0);
  }

  root(): Hex {
    const tag = 'dxl/state-root/1';
    return hexOf(sha256(String.fromCharCode(tag.length), tag, hashOf(this.#top)));
  }
}

function hashOf(branch: Branch): Digest {
  if (branch === null) return nothing;
  if (!isFork(branch)) return branch.hash;
  branch.hash ??= sha256(hashOf(branch.left), hashOf(branch.right));
  return branch.hash;
}

function put(branch: Branch, path: Digest, leaf: Leaf | null, depth: number): Branch {
  if (branch === null) return leaf;
  if (!isFork(branch)) {
    if (branch.path === path) return leaf;
    return leaf === null ? branch : parted(branch, leaf, depth);
  }
  branch.hash = null;
  const side = bitAt(path, depth) === 0 ? 'left' : 'right';
  branch[side] = put(branch[side], path, leaf, depth + 1);
  const { left, right } = branch;
  // A single leaf stands as high as it can; a fork below stays where it is.
  if (left === null && !isFork(right)) return right;
  if (right === null && !isFork(left)) return left;
  return branch;
}

function parted(one: Leaf, other: Leaf, depth: number): Fork {
  const [first, second] = [bitAt(one.path, depth), bitAt(other.path, depth)];
  if (first !== second) {
    const [left, right] = first === 0 ? [one, other] : [other, one];
    return { left, right, hash: null };
  }
  const below = parted(one, other, depth + 1);
  return first === 0
    ? { left: below, right: null, hash: null }
    : { left: null, right: below, hash: null };
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** M-74. */
export function appHashOf(parts: {
  readonly height: number;
  readonly logRoot: Hex;
  readonly logSize: number;
  readonly stateRoot: Hex;
  readonly zkRoot: Hex;
  readonly parametersHash: Hex;
}): Hex {
  const tag = 'dxl/app-hash/2';
  return hexOf(
    sha256(
      ...[String.fromCharCode(tag.length), tag, uint64(parts.height), digestOf(parts.logRoot)],
      ...[uint64(parts.logSize), digestOf(parts.stateRoot), digestOf(parts.zkRoot)],
      digestOf(parts.parametersHash),
    ),
  );
}

/** M-76: the hash of a header, and what its signature is over. */
export function headerDigest(header: Uint8Array): Uint8Array {
  const tag = 'dxl/header/1';
  return Buffer.from(sha256(String.fromCharCode(tag.length), tag, header), 'latin1');
}
