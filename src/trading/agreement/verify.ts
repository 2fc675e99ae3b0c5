import { refuse, success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { checkStanding, openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { termsHashCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** The buyer confirms the agreement it was sent (Dataspace Protocol: verification). */
export const verify = defineOperation({
  number: 607,
  name: 'trading.verify',
  title: 'Verify the agreement',
  command: termsHashCommand,
  roles: ['BUYER'],
  apply(context, { tradeId, termsHash }) {
    const opened = openTrade(context, tradeId, ['buyer'], 'verify');
    if (!opened.ok) return opened;
    const trade = opened.value;
    if (trade.agreement?.termsHash !== termsHash) {
      return refuse(tradingResults.TRADING_TERMS_HASH_MISMATCH, `Trade ${tradeId}.`);
    }
    const standing = checkStanding(context, [trade.seller]);
    if (!standing.ok) return standing;
    moveTrade(
      context,
      { ...trade, verifiedAtMs: context.timeMs },
      { verb: 'verify', to: 'VERIFIED', event: 'trading.verified' },
    );
    return success;
  },
});
