import type { Outcome } from '../../base/result.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import type { Receipt } from './engine.ts';

/** Of each envelope of a block, in order. */
export const receiptsOf = (block: FinalizedBlock): Receipt[] =>
  block.results.map(({ id, outcome, failedOperation, logIndex }, position) => ({
    envelopeId: id,
    height: block.height,
    position,
    timeMs: block.timeMs,
    ...wordsOf(outcome),
    failedOperation,
    logIndex,
    appHash: block.appHash,
  }));

/** What became of an envelope, as receipts and the store have it. */
export const wordsOf = (outcome: Outcome): Pick<Receipt, 'resultCode' | 'detail'> =>
  outcome.ok
    ? { resultCode: 0, detail: '' }
    : { resultCode: outcome.result.code, detail: outcome.detail };
