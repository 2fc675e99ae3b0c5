/** M-120: what of a snapshot the app hash does not say by itself, checked against what it does say. */
import { toHex } from '../../base/bytes.ts';
import { leafHash, MerkleLog } from '../../base/merkle.ts';
import { decodeHeader, headerHash } from '../machine/header.ts';
import { decodeLeaf, type ReceiptLeaf } from '../machine/leaf.ts';
import type { CommittedBlock } from '../engine/ports.ts';
import { SnapshotError } from './snapshot-format.ts';

/**
 * Headers follow each other from genesis, each log root is that of the leaves up to it, and each
 * envelope is the one of its receipt leaf. Throws SnapshotError. With the last log root under the
 * signed app hash, no envelope, result or event can be another.
 */
export function checkBlocks(blocks: readonly CommittedBlock[], genesisHash: string): void {
  const log = new MerkleLog();
  let previousHash = genesisHash;
  for (const [at, block] of blocks.entries()) {
    const header = decodeHeader(block.header);
    const fail = (what: string) => new SnapshotError(`block ${block.height}: ${what}`);
    if (header.height !== at + 1) throw fail('is out of order');
    if (header.previousHash !== previousHash) throw fail('does not follow the one before');
    previousHash = headerHash(block.header);
    for (const { bytes } of block.leaves) log.append(leafHash(bytes));
    if (header.logRoot !== toHex(log.root())) throw fail('has another log root');
    checkEnvelopes(block, header.envelopesRoot, fail);
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
