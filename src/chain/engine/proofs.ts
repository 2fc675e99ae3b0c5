/** Proofs of the log as both engines give them: under the newest checkpoint that is on disk. */
import { toHex } from '../../base/bytes.ts';
import type { Machine } from '../machine/machine.ts';
import type { ConsistencyProof, InclusionProof } from './engine.ts';

/**
 * A leaf's inclusion under the log's first `logSize` leaves; null where one of the two is not
 * committed yet.
 * @param committed leaves that are on disk
 */
export function inclusionProofOf(
  { log }: Machine,
  committed: number,
  logIndex: number,
  logSize = committed,
): InclusionProof | null {
  if (logSize > committed || logIndex < 0 || logIndex >= logSize) return null;
  return {
    logIndex,
    logSize,
    leafHash: toHex(log.leafHashAt(logIndex)),
    hashes: log.inclusionProof(logIndex, logSize).map(toHex),
  };
}

/** Of a complete subtree of the log's tree; null where it is not among the committed leaves. */
export function subtreeHashOf(
  { log }: Machine,
  committed: number,
  height: number,
  index: number,
): Uint8Array | null {
  return (index + 1) * 2 ** height <= committed ? log.subtreeHash(height, index) : null;
}

/** That the log's first `first` leaves are the beginning of its first `second`. */
export function consistencyProofOf(
  { log }: Machine,
  committed: number,
  first: number,
  second = committed,
): ConsistencyProof | null {
  if (second > committed || first < 1 || first > second) return null;
  return { first, second, hashes: log.consistencyProof(first, second).map(toHex) };
}
