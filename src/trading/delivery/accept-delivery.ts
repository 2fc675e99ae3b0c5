import { refuse, success } from '../../base/result.ts';
import { defineOperation, type Ledger } from '../../base/room.ts';
import { activateLicence } from '../licence/issue.ts';
import { openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { acceptDeliveryCommand, type Trade } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** The buyer accepts what it has checked, named by its digest. */
export const acceptDelivery = defineOperation({
  number: 613,
  name: 'trading.accept-delivery',
  title: 'Accept the delivery',
  command: acceptDeliveryCommand,
  roles: ['BUYER'],
  apply(context, { tradeId, digest }) {
    const opened = openTrade(context, tradeId, ['buyer'], 'accept-delivery');
    if (!opened.ok) return opened;
    const trade = opened.value;
    const delivered = trade.delivery?.ciphertextDigest ?? trade.computation?.releaseCommitment;
    if (delivered !== digest) {
      return refuse(tradingResults.TRADING_DELIVERY_MISMATCH, `Trade ${tradeId}.`);
    }
    recordAcceptance(context, trade, 'BUYER');
    return success;
  },
});

/** By the buyer's word, or by his silence until the deadline. */
export function recordAcceptance(ledger: Ledger, trade: Trade, by: 'BUYER' | 'SILENCE'): void {
  activateLicence(ledger, trade);
  const verb = by === 'BUYER' ? 'accept-delivery' : 'keep-silence';
  moveTrade(
    ledger,
    { ...trade, acceptance: { by, atMs: ledger.timeMs } },
    { verb, to: 'ACCEPTED_BY_BUYER', event: 'trading.delivery-accepted' },
  );
}
