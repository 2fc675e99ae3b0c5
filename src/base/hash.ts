import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat, toHex, utf8, type Hex } from './bytes.ts';

/** SHA-256 in any implementation: a node's machine takes the quickest one that there is. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export const sha256: Sha256 = (bytes) => nobleSha256(bytes);

export const sha256Hex = (bytes: Uint8Array): Hex => toHex(nobleSha256(bytes));

/** What a hash is for. The tag is hashed first, so one purpose's digest is never another's. */
export type DomainTag =
  | 'dxl/credit-code/1'
  | 'dxl/genesis/1'
  | 'dxl/header/1'
  | 'dxl/app-hash/2'
  | 'dxl/state-root/1'
  | 'dxl/parameters/1'
  | 'dxl/commitment/1'
  | 'dxl/row/1'
  | 'dxl/table-description/1'
  | 'dxl/columns/1'
  | 'dxl/block/1'
  | 'dxl/bare/2'
  | 'dxl/table/2'
  | 'dxl/row/2'
  | 'dxl/row-part/2'
  | 'dxl/wide-row/2'
  | 'dxl/block-column/1'
  | 'dxl/record/1'
  | 'dxl/listing-revision/1'
  | 'dxl/terms/2'
  | 'dxl/review-decision/1'
  | 'dxl/zk-binding/1'
  | 'dxl/zk-quasi-identifier/1'
  | 'dxl/he-job-spec/1'
  | 'dxl/he-release/1'
  | 'dxl/key-possession/1'
  | 'dxl/dossier-seal/1'
  | 'dxl/hand-over/1'
  | 'dxl/checkpoint-key/1';

/** SHA-256(length of tag as one byte ‖ tag ‖ parts). */
export const taggedHash = (tag: DomainTag, ...parts: Uint8Array[]): Uint8Array =>
  sha256(tagged(tag, ...parts));

/** What `taggedHash` hashes, for who has another implementation. */
export function tagged(tag: DomainTag, ...parts: Uint8Array[]): Uint8Array {
  const name = utf8(tag);
  return concat(Uint8Array.of(name.length), name, ...parts);
}

export const taggedHashHex = (tag: DomainTag, ...parts: Uint8Array[]): Hex =>
  toHex(taggedHash(tag, ...parts));

/**
 * Hiding and binding commitment to bytes: taggedHash(tag, salt ‖ content).
 * @param salt exactly 32 random bytes, kept by the owner and shown with the content.
 */
export const commitment = (salt: Uint8Array, content: Uint8Array): Hex => {
  if (salt.length !== 32) throw new RangeError(`a salt has 32 bytes, not ${salt.length}`);
  return taggedHashHex('dxl/commitment/1', salt, content);
};
