/** What of a trade's money is owed, paid out and sent back, as its postings say. */
import type { Posting, Trade } from '../../trading/schema.ts';
import { postingRecord, tradeRecord } from '../../trading/state.ts';
import { accountIdOf } from '../../trading/types.ts';
import { eventsOf, historyOf, type Evidence, type LoggedEvent } from '../evidence.ts';
import { cnyText, doerOf, whenText } from '../words.ts';

/** What the settlement owes to one party. */
export interface Due {
  /** The bank booked it as paid out, and nothing came back since. */
  readonly isPaid: boolean;
  /** One sentence without its full stop. */
  readonly text: string;
}

/** One for the seller and one for the buyer, where something is owed; none before a settlement. */
export function duesOf(evidence: Evidence, trade: Trade): Due[] {
  const { settlement, seller, buyer } = trade;
  if (!settlement) return [];
  const postings = eventsOf(evidence, postingRecord).filter(
    ({ record }) => record.tradeId === trade.id,
  );
  const due = (party: string, side: string, accountId: string, owedFen: bigint): Due[] =>
    owedFen === 0n
      ? []
      : [
          readDue(
            evidence,
            trade,
            `The ${side} ${party} is owed ${cnyText(owedFen)}`,
            accountId,
            postings,
          ),
        ];
  return [
    ...due(
      seller,
      'seller',
      accountIdOf({ kind: 'SELLER_PAYABLE', holder: seller }),
      settlement.sellerFen,
    ),
    ...due(
      buyer,
      'buyer',
      accountIdOf({ kind: 'BUYER_REFUND', holder: buyer }),
      settlement.refundFen,
    ),
  ];
}

function readDue(
  evidence: Evidence,
  trade: Trade,
  owed: string,
  accountId: string,
  postings: readonly LoggedEvent<Posting>[],
): Due {
  let paid: LoggedEvent<Posting> | null = null;
  let sentBack: LoggedEvent<Posting> | null = null;
  for (const event of postings) {
    const { kind, lines, reversesPostingId } = event.record;
    if (kind === 'PAY_OUT' && lines[0]?.accountId === accountId) [paid, sentBack] = [event, null];
    if (kind === 'REVERSAL' && reversesPostingId === paid?.record.id) {
      [paid, sentBack] = [null, event];
    }
  }
  const overdue = historyOf(evidence, tradeRecord, trade.id).findLast(
    ({ leaf, logIndex }) =>
      leaf.name === 'trading.pay-out-overdue' && logIndex > (sentBack?.logIndex ?? 0),
  );
  const said = (event: LoggedEvent<Posting>): string =>
    `${doerOf(evidence, event) ?? 'nobody known'} says on ${whenText(evidence, event.leaf.timeMs)}`;
  if (paid) return { isPaid: true, text: `${owed}: paid out, as the bank ${said(paid)}` };
  const why = sentBack
    ? `a pay-out came back, as the bank ${said(sentBack)}`
    : 'no pay-out is booked';
  const late = overdue
    ? `; the bank ${trade.funding?.bank ?? ''} has been in default since ${whenText(evidence, overdue.leaf.timeMs)}`
    : '';
  return { isPaid: false, text: `${owed}: NOT PAID, ${why}${late}` };
}
