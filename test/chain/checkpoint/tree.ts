import { utf8 } from '../../../src/base/bytes.ts';
import { leafHash, MerkleLog } from '../../../src/base/merkle.ts';
import type { ReadSubtree } from '../../../src/chain/checkpoint/subtrees.ts';

/** A log of `size` leaves; from `forkAt` on they are others. */
export function makeLog(size: number, forkAt = size): MerkleLog {
  const log = new MerkleLog();
  for (let at = 0; at < size; at += 1) {
    log.append(leafHash(utf8(at < forkAt ? `leaf ${at}` : `other leaf ${at}`)));
  }
  return log;
}

export const reader =
  (log: MerkleLog): ReadSubtree =>
  ({ height, index }) =>
    log.subtreeHash(height, index);
