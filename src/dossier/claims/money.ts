/** C13: every posting, recomputed from the price and the rule pack. */
import type { RulePack } from '../../base/rules.ts';
import type { Account, Posting, Trade } from '../../trading/schema.ts';
import { accountRecord, postingRecord } from '../../trading/state.ts';
import {
  accountIdOf,
  isFree,
  normalSideOf,
  postingId,
  settlementAmounts,
  tradeTotals,
} from '../../trading/types.ts';
import { causeOf, eventsOf, historyOf, type Evidence, type LoggedEvent } from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { checkSteps } from '../steps.ts';
import { duesOf } from '../told/money.ts';
import { eachTrade, eventNamed, tradesOf, type TradeView } from '../trades.ts';
import { cnyText } from '../words.ts';

type Line = Posting['lines'][number];

export function judgeMoney(evidence: Evidence): Finding {
  const found = checkSteps(evidence, ['posting', 'account', 'bank-standing', 'licence']);
  for (const { leaf, record } of eventsOf(evidence, postingRecord)) {
    if (record.height !== leaf.height || record.atMs !== leaf.timeMs) {
      found.push(`posting ${record.id} names another height or time`);
    }
    const sum = (side: Line['side']) =>
      record.lines
        .filter((line) => line.side === side)
        .reduce((all, line) => all + line.amountFen, 0n);
    if (sum('DEBIT') !== sum('CREDIT')) found.push(`posting ${record.id}: debits are not credits`);
  }
  found.push(...checkMoves(evidence));
  const finding = eachTrade(evidence, tradesOf(evidence), 'there is no trade', (trade) =>
    judgeOne(evidence, trade),
  );
  return { ...finding, problems: [...found, ...finding.problems] };
}

function judgeOne(evidence: Evidence, trade: TradeView): Finding {
  const { last } = trade;
  const { money } = evidence.genesis.rules;
  const totals = tradeTotals(last.priceFen, money);
  const wrong = (Object.keys(totals) as (keyof typeof totals)[]).filter(
    (name) => totals[name] !== last[name],
  );
  const found = wrong.map((name) => `${name} does not follow from the price by the rule pack`);
  const began = eventNamed(trade, 'trading.delivery-started');
  if (isFree(last)) {
    if (last.postingCount > 0) found.push('it is free, and money was posted');
    found.push(...checkSettlement(last, money));
    return { problems: found, inapplicable: 'it is free: no money moves' };
  }
  if (began && began.record.funding === null) {
    found.push('its delivery began before its money was in escrow');
  }
  if (last.funding === null) {
    return { problems: found, absent: `the trade is ${last.state} and was never funded` };
  }
  if (last.funding.amountFen !== totals.totalFen) found.push('not exactly the total was paid in');
  if (last.funding.bank !== last.bank)
    found.push('another bank than the agreed one holds the money');
  found.push(...checkSettlement(last, money), ...checkPostings(evidence, last, money));
  const escrow = historyOf(evidence, accountRecord, escrowOf(last)).at(-1)?.record;
  const released = last.settlement !== null;
  if (escrow?.balanceFen !== (released ? 0n : totals.totalFen)) {
    found.push(`the escrow holds ${String(escrow?.balanceFen)} fen at the end`);
  }
  return {
    problems: found,
    absent: released ? null : `the trade is ${last.state}: its money is still in escrow`,
    facts: [
      `price ${cnyText(last.priceFen)}, VAT ${cnyText(last.vatFen)}; the bank ${last.funding.bank} ` +
        `says ${cnyText(last.funding.amountFen)} were paid in`,
      ...(last.settlement ? [settlementFact(last.settlement)] : []),
      ...duesOf(evidence, last).map(({ text }) => text),
    ],
  };
}

/** What the record says was divided, whether or not it is paid out by now. */
function checkSettlement(trade: Trade, money: RulePack['money']): string[] {
  const { settlement } = trade;
  if (!settlement) return [];
  const amounts = settlementAmounts(trade, settlement.refundFen, money);
  return (Object.keys(amounts) as (keyof typeof amounts)[])
    .filter((name) => amounts[name] !== settlement[name])
    .map((name) => `${name} of the settlement does not follow from price and refund`);
}

const settlementFact = (settlement: NonNullable<Trade['settlement']>): string =>
  `owed by the settlement: to the seller ${cnyText(settlement.sellerFen)}, back to the buyer ` +
  `${cnyText(settlement.refundFen)}, fee ${cnyText(settlement.feeNetFen)}, VAT on the fee ` +
  cnyText(settlement.feeVatFen);

const escrowOf = ({ id }: Trade): string => accountIdOf({ kind: 'ESCROW', holder: id });

const line = (
  side: Line['side'],
  kind: Account['kind'],
  holder: string | null,
  amountFen: bigint,
): Line => ({ accountId: accountIdOf({ kind, holder }), side, amountFen });

/** All postings of the trade, numbered without a gap, each with exactly the lines it must have. */
function checkPostings(evidence: Evidence, trade: Trade, money: RulePack['money']): string[] {
  const found: string[] = [];
  const earlier: Posting[] = [];
  for (let number = 1; number <= trade.postingCount; number += 1) {
    const id = postingId(trade.id, number);
    const posting = historyOf(evidence, postingRecord, id)[0]?.record;
    if (!posting || posting.tradeId !== trade.id) {
      found.push(`posting ${id} is not here`);
      continue;
    }
    const expected = linesOf(posting, trade, money, earlier);
    if (
      !expected ||
      describe(posting.lines) !== describe(expected.filter((it) => it.amountFen > 0n))
    ) {
      found.push(`posting ${id} does not have the lines that ${posting.kind} has`);
    }
    earlier.push(posting);
  }
  const own = eventsOf(evidence, postingRecord).filter(({ record }) => record.tradeId === trade.id);
  if (own.length !== trade.postingCount) {
    found.push(`${own.length} postings are here, the trade counts ${trade.postingCount}`);
  }
  if (earlier[0]?.kind !== 'FUND') found.push('its first posting does not fund it');
  return [...found, ...checkPaidOnce(earlier)];
}

/** What is owed to a party is paid out once, and again only where the bank sent it back. */
function checkPaidOnce(postings: readonly Posting[]): string[] {
  const paid = new Map<string, string>();
  return postings.flatMap(({ id, kind, lines, reversesPostingId }) => {
    const account = lines[0]?.accountId ?? '';
    if (kind === 'REVERSAL') {
      const reversed = [...paid].find(([, posting]) => posting === reversesPostingId);
      if (reversed) paid.delete(reversed[0]);
      return reversed ? [] : [`posting ${id} reverses what is not paid out`];
    }
    if (kind !== 'PAY_OUT') return [];
    const again = paid.has(account);
    paid.set(account, id);
    return again ? [`posting ${id} pays out again what was paid out`] : [];
  });
}

const describe = (lines: readonly Line[]): string =>
  lines.map(({ accountId, side, amountFen }) => `${accountId} ${side} ${amountFen}`).join('; ');

function linesOf(
  { kind, lines, reversesPostingId }: Posting,
  trade: Trade,
  money: RulePack['money'],
  earlier: readonly Posting[],
): Line[] | null {
  const { funding, settlement, buyer, seller, totalFen } = trade;
  if (!funding) return null;
  if (kind === 'FUND') {
    return earlier.length === 0
      ? [
          line('DEBIT', 'CLIENT_MONEY', funding.bank, totalFen),
          line('CREDIT', 'ESCROW', trade.id, totalFen),
        ]
      : null;
  }
  if (!settlement) return null;
  if (kind === 'SETTLE' || kind === 'REFUND') {
    const amounts = settlementAmounts(trade, settlement.refundFen, money);
    if ((kind === 'SETTLE') !== (settlement.refundFen === 0n)) return null;
    return [
      line('DEBIT', 'ESCROW', trade.id, totalFen),
      line('CREDIT', 'BUYER_REFUND', buyer, amounts.refundFen),
      line('CREDIT', 'SELLER_PAYABLE', seller, amounts.sellerFen),
      line('CREDIT', 'FEE_INCOME', null, amounts.feeNetFen),
      line('CREDIT', 'OUTPUT_VAT', null, amounts.feeVatFen),
    ];
  }
  if (kind === 'REVERSAL') {
    const reversed = earlier.find(({ id }) => id === reversesPostingId);
    if (reversed?.kind !== 'PAY_OUT') return null;
    return [...reversed.lines].reverse().map((it) => ({
      ...it,
      side: it.side === 'DEBIT' ? ('CREDIT' as const) : ('DEBIT' as const),
    }));
  }
  const toSeller = lines[0]?.accountId === accountIdOf({ kind: 'SELLER_PAYABLE', holder: seller });
  return toSeller
    ? payOut('SELLER_PAYABLE', seller, funding.bank, settlement.sellerFen)
    : payOut('BUYER_REFUND', buyer, funding.bank, settlement.refundFen);
}

const payOut = (
  kind: 'SELLER_PAYABLE' | 'BUYER_REFUND',
  party: string,
  bank: string,
  amountFen: bigint,
): Line[] => [
  line('DEBIT', kind, party, amountFen),
  line('CREDIT', 'CLIENT_MONEY', bank, amountFen),
];

/** Each move of an account is that of a posting of the same step, by its amount where it is known. */
function checkMoves(evidence: Evidence): string[] {
  const postings = eventsOf(evidence, postingRecord);
  const balances = new Map<string, bigint>();
  return eventsOf(evidence, accountRecord).flatMap((move) => {
    const { id, kind, holder, balanceFen, normalSide } = move.record;
    if (id !== accountIdOf({ kind, holder }) || normalSide !== normalSideOf(kind)) {
      return [`account ${id} is not what its name says, at leaf ${move.logIndex}`];
    }
    const before = id.startsWith('escrow-') ? (balances.get(id) ?? 0n) : null;
    balances.set(id, balanceFen);
    const posting = postings.find(
      (other) => other.logIndex > move.logIndex && sameStep(evidence, move, other),
    );
    const moved = posting?.record.lines.find(({ accountId }) => accountId === id);
    if (!moved) return [`account ${id} moved without a posting, at leaf ${move.logIndex}`];
    const { side, amountFen } = moved;
    const expected = (before ?? 0n) + (side === normalSide ? amountFen : -amountFen);
    return before !== null && expected !== balanceFen
      ? [`account ${id} does not follow its postings, at leaf ${move.logIndex}`]
      : [];
  });
}

const sameStep = (evidence: Evidence, left: LoggedEvent, right: LoggedEvent): boolean =>
  left.leaf.height === right.leaf.height &&
  left.leaf.envelopeId === right.leaf.envelopeId &&
  causeOf(evidence, left) === causeOf(evidence, right);
