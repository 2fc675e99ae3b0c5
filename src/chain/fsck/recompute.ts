/**
 * M-94: the roots of a block by other code than the machine's: written from docs/chain.md
 * with Node's own SHA-256, one node at a time (of the state: `state-root.ts`). Where the code that writes
 * blocks had a fault in its trees, its headers would not agree with these.
 */
import type { Hex } from '../../base/bytes.ts';
import { digestOf, hexOf, sha256, type Digest } from './digest.ts';

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
