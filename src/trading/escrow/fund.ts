import { refuse, success, type Outcome } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { issueLicence } from '../licence/issue.ts';
import { checkRights, checkStanding, openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { fundCommand, type Trade } from '../schema.ts';
import { moveTrade } from '../state.ts';
import { isFree } from '../types.ts';
import { checkBankLimit } from './bank-limit.ts';
import { isInDefault } from './pay-out-due.ts';
import { book, credit, debit } from './postings.ts';

/** The bank that was agreed on confirms that exactly the total came in; the licence is issued. */
export const fund = defineOperation({
  number: 608,
  name: 'trading.fund',
  title: 'Confirm the buyer’s money in escrow',
  command: fundCommand,
  roles: ['BANK'],
  apply(context, { tradeId, amountFen, referenceCommitment }) {
    const opened = openTrade(context, tradeId, null, 'fund');
    if (!opened.ok) return opened;
    const trade = opened.value;
    const bank = context.actor.organisationId;
    if (bank !== trade.bank) {
      return refuse(tradingResults.TRADING_BANK_NOT_AGREED, `Trade ${tradeId}: ${trade.bank}.`);
    }
    if (isInDefault(context, bank)) {
      return refuse(tradingResults.TRADING_BANK_IN_DEFAULT, `${bank}.`);
    }
    const standing = checkStanding(context, [trade.buyer, trade.seller]);
    if (!standing.ok) return standing;
    const rights = checkRights(context, trade);
    if (!rights.ok) return rights;
    if (isFree(trade)) return refuse(tradingResults.TRADING_FREE, `Trade ${tradeId}.`);
    const exact = checkAmount(context, trade, amountFen);
    if (!exact.ok) return exact;
    const funding = { bank, referenceCommitment, amountFen, atMs: context.timeMs };
    const funded = book(
      context,
      { ...trade, funding, licenceId: trade.id },
      {
        kind: 'FUND',
        lines: [debit('CLIENT_MONEY', bank, amountFen), credit('ESCROW', trade.id, amountFen)],
        reversesPostingId: null,
        referenceCommitment,
      },
    );
    issueLicence(context, funded);
    moveTrade(context, funded, { verb: 'fund', to: 'FUNDED', event: 'trading.funded' });
    return success;
  },
});

function checkAmount(context: Context, trade: Trade, amountFen: bigint): Outcome {
  const detail = `Trade ${trade.id}: ${amountFen} fen paid in, the total is ${trade.totalFen}.`;
  if (amountFen < trade.totalFen) {
    return refuse(tradingResults.TRADING_ESCROW_INSUFFICIENT, detail);
  }
  if (amountFen > trade.totalFen) return refuse(tradingResults.TRADING_ESCROW_EXCESSIVE, detail);
  return checkBankLimit(context, amountFen);
}
