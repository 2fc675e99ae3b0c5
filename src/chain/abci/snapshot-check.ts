/** M-120: what of a snapshot the app hash does not say by itself, checked against what it does say. */
import { toHex } from '../../base/bytes.ts';
import { leafHash, MerkleLog } from '../../base/merkle.ts';
import { decodeHeader, headerHash, type Header } from '../machine/header.ts';
import { decodeLeaf, type ReceiptLeaf } from '../machine/leaf.ts';
import type { CommittedBlock } from '../engine/ports.ts';
import { SnapshotError } from './snapshot-format.ts';

/**
 * Headers follow each other from genesis, each log root is that of the leaves up to it, and each
 * envelope is the one of its receipt leaf. Throws SnapshotError. With the last log root under the
 * signed app hash, no envelope, result or event can be another.
 *
 * A block's time is not under the app hash: it must be that of the block's events, where it has any,
 * not before the block below, and not above `timeMsMax`.
 */
export function checkBlocks(
  blocks: readonly CommittedBlock[],
  genesisHash: string,
  timeMsMax: number,
): void {
  const log = new MerkleLog();
  let previousHash = genesisHash;
  let belowMs = 0;
  for (const [at, block] of blocks.entries()) {
    const header = decodeHeader(block.header);
    const fail = (what: string) => new SnapshotError(`block ${block.height}: ${what}`);
    if (header.height !== at + 1) throw fail('is out of order');
    if (header.previousHash !== previousHash) throw fail('does not follow the one before');
    previousHash = headerHash(block.header);
    if (header.timeMs < belowMs || header.timeMs > timeMsMax) throw fail('has an impossible time');
    belowMs = header.timeMs;
    for (const { bytes } of block.leaves) log.append(leafHash(bytes));
    if (header.logRoot !== toHex(log.root())) throw fail('has another log root');
    checkLeaves(block, header, fail);
    checkEnvelopes(block, header.envelopesRoot, fail);
  }
}

function checkLeaves(
  { leaves }: CommittedBlock,
  { height, timeMs }: Header,
  fail: (what: string) => Error,
): void {
  for (const { bytes, logIndex } of leaves) {
    const leaf = decodeLeaf(bytes);
    // What genesis writes stands in the log before the first block's own.
    if (leaf.height === 0 && height === 1) continue;
    const same = leaf.height === height && (leaf.type !== 'event' || leaf.timeMs === timeMs);
    if (!same) throw fail(`leaf ${logIndex} is of another height or time`);
  }
}

function checkEnvelopes(
  block: CommittedBlock,
  envelopesRoot: string,
  fail: (what: string) => Error,
): void {
  const envelopes = new MerkleLog();
  for (const { bytes } of block.envelopes) envelopes.append(leafHash(bytes));
  if (toHex(envelopes.root()) !== envelopesRoot) throw fail('has other envelopes');
  const receipts = block.leaves
    .map(({ bytes, logIndex }) => ({ leaf: decodeLeaf(bytes), logIndex }))
    .filter((row): row is { leaf: ReceiptLeaf; logIndex: number } => row.leaf.type === 'receipt');
  if (receipts.length !== block.envelopes.length) throw fail('has other receipts than envelopes');
  for (const [at, { leaf, logIndex }] of receipts.entries()) {
    const envelope = block.envelopes[at];
    const same =
      envelope?.id === leaf.envelopeId &&
      envelope.resultCode === leaf.resultCode &&
      envelope.failedOperation === leaf.failedOperation &&
      envelope.logIndex === logIndex;
    if (!same) throw fail(`envelope ${at} is not that of its receipt`);
  }
}
