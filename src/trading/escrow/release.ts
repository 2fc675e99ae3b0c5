import { assert } from '../../base/assert.ts';
import type { Ledger } from '../../base/room.ts';
import { endLicence } from '../licence/issue.ts';
import type { Trade } from '../schema.ts';
import { postingId, settlementAmounts } from '../types.ts';
import { book, credit, debit } from './postings.ts';

/**
 * Empties the escrow of a trade, once: `refundFen` back to the buyer, fee and VAT to the exchange,
 * the rest to the seller. A refund undoes the funding posting in whole or part, and a whole one
 * ends the licence. The caller moves the trade that is returned.
 */
export function releaseEscrow(ledger: Ledger, trade: Trade, refundFen: bigint): Trade {
  assert(trade.funding !== null && trade.settlement === null, 'an escrow is released once');
  const amounts = settlementAmounts(trade, refundFen, ledger.rules.money);
  const booked = book(ledger, trade, {
    kind: refundFen === 0n ? 'SETTLE' : 'REFUND',
    lines: [
      debit('ESCROW', trade.id, trade.totalFen),
      credit('BUYER_REFUND', trade.buyer, amounts.refundFen),
      credit('SELLER_PAYABLE', trade.seller, amounts.sellerFen),
      credit('FEE_INCOME', null, amounts.feeNetFen),
      credit('OUTPUT_VAT', null, amounts.feeVatFen),
    ],
    reversesPostingId: refundFen === 0n ? null : postingId(trade.id, 1),
    referenceCommitment: null,
  });
  if (refundFen === trade.totalFen) endLicence(ledger, trade);
  return {
    ...booked,
    settlement: {
      ...amounts,
      atMs: ledger.timeMs,
      sellerPostingId: null,
      refundPostingId: null,
    },
  };
}
