import { sha256Hex } from '../../base/hash.ts';
import type { CommittedLeaf, EnvelopeRow } from '../engine/ports.ts';
import { decodeLeaf, type ReceiptLeaf } from '../machine/leaf.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import type { Findings } from './report.ts';

/** The rows of one block's envelopes against its receipt leaves and, where known, its results. */
export function checkEnvelopes(
  height: number,
  rows: readonly EnvelopeRow[],
  leaves: readonly CommittedLeaf[],
  results: FinalizedBlock['results'] | null,
  findings: Findings,
): void {
  const receipts = receiptsOf(leaves, findings);
  for (const row of rows) {
    const name = `${height}/${row.position}`;
    findings.compare('envelope', name, 'id', row.id, sha256Hex(row.bytes));
    const receipt = receipts.get(row.position);
    if (!receipt) {
      findings.add(
        'envelope',
        name,
        'position',
        'no receipt leaf of the block names this position',
      );
      continue;
    }
    receipts.delete(row.position);
    compareReceipt(name, row, receipt, findings);
    const outcome = results?.[row.position]?.outcome;
    if (outcome) {
      findings.compare('envelope', name, 'detail', row.detail, outcome.ok ? '' : outcome.detail);
    }
  }
  for (const [position, { logIndex }] of receipts) {
    findings.add(
      'envelope',
      `${height}/${position}`,
      null,
      `is missing; leaf ${logIndex} names it`,
    );
  }
}

interface PlacedReceipt extends ReceiptLeaf {
  readonly logIndex: number;
}

function compareReceipt(
  name: string,
  row: EnvelopeRow,
  receipt: PlacedReceipt,
  findings: Findings,
): void {
  const hash = sha256Hex(row.bytes);
  if (hash !== receipt.envelopeId) {
    findings.add('envelope', name, 'bytes', `are not those of leaf ${receipt.logIndex}`);
  }
  findings.compare('envelope', name, 'result_code', row.resultCode, receipt.resultCode);
  const { failedOperation } = receipt;
  findings.compare('envelope', name, 'failed_operation', row.failedOperation, failedOperation);
  findings.compare('envelope', name, 'log_index', row.logIndex, receipt.logIndex);
}

function receiptsOf(
  leaves: readonly CommittedLeaf[],
  findings: Findings,
): Map<number, PlacedReceipt> {
  const receipts = new Map<number, PlacedReceipt>();
  for (const { logIndex, bytes } of leaves) {
    try {
      const leaf = decodeLeaf(bytes);
      if (leaf.type === 'receipt') receipts.set(leaf.position, { ...leaf, logIndex });
    } catch (error) {
      findings.add('leaf', logIndex, 'bytes', (error as Error).message);
    }
  }
  return receipts;
}
