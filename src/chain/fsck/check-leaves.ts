import { equalBytes } from '../../base/bytes.ts';
import type { CommittedLeaf, LeafRow } from '../engine/ports.ts';
import type { Findings } from './report.ts';

/**
 * The rows of one block's leaves against those that the block made, or (null: it could not be
 * executed) against their places alone.
 * @returns the leaves that the block has: as made, or as stored.
 */
export function checkLeaves(
  height: number,
  first: number,
  stored: readonly LeafRow[],
  made: readonly CommittedLeaf[] | null,
  findings: Findings,
): readonly CommittedLeaf[] {
  const end = made ? first + made.length : Math.max(first, (stored.at(-1)?.logIndex ?? -1) + 1);
  let at = 0;
  for (let index = first; index < end; index += 1) {
    const row = stored[at];
    if (row?.logIndex !== index) {
      findings.add('leaf', index, null, `is missing from block ${height}`);
      continue;
    }
    at += 1;
    findings.compare('leaf', index, 'height', row.height, height);
    const wanted = made?.[index - first];
    if (wanted && !equalBytes(row.bytes, wanted.bytes)) {
      findings.add('leaf', index, 'bytes', 'are not those that the block makes');
    }
  }
  for (const row of stored.slice(at)) {
    findings.add('leaf', row.logIndex, null, `does not belong to block ${height}`);
  }
  return made ?? stored;
}
