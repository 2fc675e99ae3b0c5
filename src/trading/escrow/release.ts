import { assert } from '../../base/assert.ts';
import type { Ledger } from '../../base/room.ts';
import { endLicence } from '../licence/issue.ts';
import type { Trade } from '../schema.ts';
import { isFree, postingId, settlementAmounts, type SettlementAmounts } from '../types.ts';
import { watchPayOut } from './pay-out-due.ts';
import { book, credit, debit } from './postings.ts';

/** The whole of it back to the buyer, which ends the licence. The caller moves the trade that is returned. */
export function releaseAll(ledger: Ledger, trade: Trade): Trade {
  const released = releaseEscrow(ledger, trade, trade.totalFen);
  // Of a free trade, all is nothing: the licence ends all the same.
  if (isFree(trade)) endLicence(ledger, trade);
  return released;
}

/**
 * Empties the escrow of a trade, once: `refundFen` back to the buyer, fee and VAT to the exchange,
 * the rest to the seller. A refund undoes the funding posting in whole or part, and a whole one
 * ends the licence. Of a free trade nothing is booked. The caller moves the trade that is returned.
 */
export function releaseEscrow(ledger: Ledger, trade: Trade, refundFen: bigint): Trade {
  assert(trade.settlement === null, 'an escrow is released once');
  const amounts = settlementAmounts(trade, refundFen, ledger.rules.money);
  const settlement = {
    ...amounts,
    atMs: ledger.timeMs,
    sellerPostingId: null,
    refundPostingId: null,
  };
  if (isFree(trade)) return { ...trade, settlement };
  const booked = bookRelease(ledger, trade, amounts);
  if (refundFen === trade.totalFen) endLicence(ledger, trade);
  const released = { ...booked, settlement };
  watchPayOut(ledger, released);
  return released;
}

function bookRelease(ledger: Ledger, trade: Trade, amounts: SettlementAmounts): Trade {
  assert(trade.funding !== null, 'an escrow that is released was funded');
  const { refundFen } = amounts;
  return book(ledger, trade, {
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
}
