import { refuse, success, successWith, type Outcome } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { tradingResults } from '../results.ts';
import { payOutCommand, reversePayOutCommand, type Posting, type Trade } from '../schema.ts';
import { findTrade, postingRecord, tradeRecord } from '../state.ts';
import { postingId } from '../types.ts';
import { checkBankLimit } from './bank-limit.ts';
import { watchPayOut } from './pay-out-due.ts';
import { book, credit, debit } from './postings.ts';

type Leg = 'SELLER' | 'BUYER';
type Settlement = NonNullable<Trade['settlement']>;

const legs = {
  SELLER: {
    account: 'SELLER_PAYABLE',
    party: 'seller',
    amount: 'sellerFen',
    paid: 'sellerPostingId',
  },
  BUYER: { account: 'BUYER_REFUND', party: 'buyer', amount: 'refundFen', paid: 'refundPostingId' },
} as const;

/** The bank that holds the trade's money transfers what is owed to a party, whole and once. */
export const payOut = defineOperation({
  number: 620,
  name: 'trading.pay-out',
  title: 'Confirm a transfer to the seller or back to the buyer',
  command: payOutCommand,
  roles: ['BANK'],
  apply(context, { tradeId, to, referenceCommitment }) {
    const found = findTrade(context, tradeId);
    if (!found.ok) return found;
    const held = checkBank(context, found.value);
    if (!held.ok) return held;
    const { account, party, amount, paid } = legs[to];
    const { settlement } = found.value;
    const owedFen = settlement?.[amount] ?? 0n;
    if (settlement === null || owedFen === 0n) {
      return refuse(tradingResults.TRADING_NOTHING_TO_PAY, `Trade ${tradeId}, ${party}.`);
    }
    if (settlement[paid] !== null) {
      return refuse(tradingResults.TRADING_ALREADY_PAID, `Posting ${settlement[paid]}.`);
    }
    const booked = book(context, found.value, {
      kind: 'PAY_OUT',
      lines: [
        debit(account, found.value[party], owedFen),
        credit('CLIENT_MONEY', held.value, owedFen),
      ],
      reversesPostingId: null,
      referenceCommitment,
    });
    const done = postingId(tradeId, booked.postingCount);
    writeSettlement(context, booked, { ...settlement, [paid]: done }, 'trading.paid-out');
    return success;
  },
});

/** A transfer that was booked and did not happen is undone by its reversing entry. */
export const reversePayOut = defineOperation({
  number: 621,
  name: 'trading.reverse-pay-out',
  title: 'Reverse a pay-out that did not happen',
  command: reversePayOutCommand,
  roles: ['BANK'],
  apply(context, { postingId: id, referenceCommitment }) {
    const posting = context.read(postingRecord, id);
    if (!posting) return refuse(tradingResults.TRADING_POSTING_NOT_FOUND, `Posting ${id}.`);
    const found = findTrade(context, posting.tradeId);
    if (!found.ok) return found;
    const trade = found.value;
    const held = checkBank(context, trade);
    if (!held.ok) return held;
    const leg = legInForce(trade, posting);
    if (leg === null || trade.settlement === null) {
      return refuse(tradingResults.TRADING_POSTING_NOT_REVERSIBLE, `Posting ${id}.`);
    }
    const { account, party, amount, paid } = legs[leg];
    const owedFen = trade.settlement[amount];
    const room = checkRoom(context, trade, owedFen);
    if (!room.ok) return room;
    const booked = book(context, trade, {
      kind: 'REVERSAL',
      lines: [debit('CLIENT_MONEY', held.value, owedFen), credit(account, trade[party], owedFen)],
      reversesPostingId: id,
      referenceCommitment,
    });
    const open = { ...trade.settlement, [paid]: null };
    writeSettlement(context, booked, open, 'trading.pay-out-reversed');
    return success;
  },
});

/** Postings of a trade after which no pay-out is reversed: a bank cannot go on for ever. */
const reversibleUntil = 1_000;

/** A reversal puts money back into the bank's account, which holds only so much. */
function checkRoom(context: Context, { id, postingCount }: Trade, owedFen: bigint): Outcome {
  if (postingCount >= reversibleUntil) {
    return refuse(tradingResults.TRADING_REVERSALS_EXHAUSTED, `Trade ${id}: ${postingCount}.`);
  }
  return checkBankLimit(context, owedFen);
}

function legInForce(trade: Trade, { id }: Posting): Leg | null {
  if (trade.settlement?.sellerPostingId === id) return 'SELLER';
  return trade.settlement?.refundPostingId === id ? 'BUYER' : null;
}

function checkBank(context: Context, trade: Trade): Outcome<string> {
  const { organisationId } = context.actor;
  if (trade.funding === null) {
    return refuse(tradingResults.TRADING_NOTHING_TO_PAY, `Trade ${trade.id} is ${trade.state}.`);
  }
  return trade.funding.bank === organisationId
    ? successWith(organisationId)
    : refuse(tradingResults.TRADING_NOT_FUNDING_BANK, `It is ${trade.funding.bank}.`);
}

function writeSettlement(
  context: Context,
  trade: Trade,
  settlement: Settlement,
  event: string,
): void {
  const written = { ...trade, settlement, changedAtMs: context.timeMs };
  context.write(tradeRecord, written, event);
  watchPayOut(context, written);
}
