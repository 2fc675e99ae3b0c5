/** What became of each trade: what a report begins with, for who reads no further. */
import type { Trade } from '../../trading/schema.ts';
import { isFree } from '../../trading/types.ts';
import { valuationRecord } from '../../pricing/state.ts';
import { historyOf, type Evidence } from '../evidence.ts';
import { missingTrades, tradesOf, type TradeView } from '../trades.ts';
import { cnyText, ratioText, stepText, whenText } from '../words.ts';
import { duesOf } from './money.ts';

export interface TradeEnd {
  readonly tradeId: string;
  readonly state: string;
  /** One sentence: completed, open, or come to nothing. */
  readonly headline: string;
  /** What was sold, what was said against it, how it was accepted, and its money. */
  readonly lines: readonly string[];
  /** What keeps it from being a trade that was completed without dispute and paid. */
  readonly concerns: readonly string[];
}

export const endsOf = (evidence: Evidence): TradeEnd[] => [
  ...tradesOf(evidence).map((trade) => endOf(evidence, trade)),
  ...missingTrades(evidence).map((missing) => ({
    tradeId: missing.split(' ')[1] ?? '',
    state: 'UNKNOWN',
    headline: 'Nothing of it is here.',
    lines: [],
    concerns: [missing],
  })),
];

function endOf(evidence: Evidence, trade: TradeView): TradeEnd {
  const { id, last } = trade;
  const dispute = disputeText(evidence, last);
  const dues = duesOf(evidence, last);
  const unpaid = dues.filter(({ isPaid }) => !isPaid).map(({ text }) => `${text}.`);
  const { headline, isCompleted } = headlineOf(evidence, trade, unpaid.length > 0);
  return {
    tradeId: id,
    state: last.state,
    headline,
    lines: [
      subjectText(evidence, last),
      ...(dispute ? [dispute] : []),
      acceptanceText(evidence, last),
      moneyText(evidence, last),
      ...dues.map(({ text }) => `${text}.`),
    ],
    concerns: [
      ...(isCompleted ? [] : [`Trade ${id} was not completed. ${headline}`]),
      ...(dispute ? [`Trade ${id}: ${dispute}`] : []),
      ...unpaid.map((text) => `Trade ${id}: ${text}`),
    ],
  };
}

const nothing = ['CANCELLED', 'TERMINATED', 'EXPIRED', 'REFUNDED'];

function headlineOf(
  evidence: Evidence,
  trade: TradeView,
  isUnpaid: boolean,
): { headline: string; isCompleted: boolean } {
  const { last, history } = trade;
  const { state, buyer, seller, certificate, dispute } = last;
  // Pay-outs and their reversals leave the state as it is: they are told apart.
  const reached = history.find(({ record }) => record.state === state);
  const step = reached ? stepText(evidence, reached) : state;
  if (nothing.includes(state)) {
    const back =
      state === 'REFUNDED' && !isFree(last) ? ': all of the money is owed back to the buyer' : '';
    return { headline: `CAME TO NOTHING${back}; ${step}.`, isCompleted: false };
  }
  const paid = isUnpaid ? ', NOT PAID OUT' : '';
  const after = dispute ? ' after a dispute' : '';
  if (state === 'CERTIFIED' && certificate) {
    const headline = `${isUnpaid ? 'Certified' : 'Completed'}${after}${paid}: ${seller} sold to ${buyer}; certificate ${certificate.number}, ${step}.`;
    return { headline, isCompleted: true };
  }
  if (state === 'SETTLED') {
    return {
      headline: `Settled${after}${paid}, without a certificate; ${step}.`,
      isCompleted: true,
    };
  }
  if (state === 'PARTIAL_REFUND') {
    const headline = `Settled in part${after}${paid}: some of the money is owed back to the buyer; ${step}.`;
    return { headline, isCompleted: true };
  }
  return { headline: `NOT ENDED: it is ${state}; ${step}.`, isCompleted: false };
}

/** What is sold, and how its price stands to the valuation that it names. */
function subjectText(evidence: Evidence, trade: Trade): string {
  const { listingId, listingRevision, priceFen, valuationId, purpose } = trade;
  const what = purpose === 'COMPUTE' ? 'a computation on' : 'the file of';
  const sold = `It is of ${what} listing ${listingId}, revision ${listingRevision}, for ${cnyText(priceFen)} before VAT`;
  const valuation =
    valuationId === null ? null : historyOf(evidence, valuationRecord, valuationId).at(-1)?.record;
  if (!valuation) return `${sold}; no valuation is named.`;
  const ratio = ratioText(priceFen, valuation.resultFen);
  const times = ratio === null ? '' : `, the price is ${ratio} times that`;
  return `${sold}; ${valuation.appraiser} valued it at ${cnyText(valuation.resultFen)}${times}.`;
}

/** Ground, who took it further, and who ruled what; null where nothing was rejected. */
export function disputeText(
  evidence: Evidence,
  { dispute, buyer, totalFen }: Trade,
): string | null {
  if (!dispute) return null;
  const { ground, rejectedAtMs, openedBy, ruling } = dispute;
  const rejected = `The buyer ${buyer} rejected the delivery for ${ground} on ${whenText(evidence, rejectedAtMs)}`;
  const taken = openedBy === null ? '' : `; ${openedBy} took it to the operator`;
  if (!ruling) return `${rejected}${taken}; no ruling is here.`;
  const { organisationId, refundFen, atMs, reason } = ruling;
  return (
    `${rejected}${taken}; ${organisationId} ruled on ${whenText(evidence, atMs)} that ${cnyText(refundFen)} ` +
    `of ${cnyText(totalFen)} go back to the buyer: “${reason}”.`
  );
}

function acceptanceText(evidence: Evidence, { acceptance, buyer }: Trade): string {
  if (!acceptance) return 'The buyer has accepted nothing.';
  const when = whenText(evidence, acceptance.atMs);
  return acceptance.by === 'BUYER'
    ? `The buyer ${buyer} accepted what it was given on ${when}.`
    : `Nobody accepted it: the buyer ${buyer} said nothing until the deadline on ${when}.`;
}

function moneyText(evidence: Evidence, trade: Trade): string {
  const { funding, settlement } = trade;
  if (isFree(trade)) return 'It is free: no money moves.';
  if (!funding) return 'No money was paid in.';
  const { bank, amountFen, atMs } = funding;
  const paidIn = `The bank ${bank} says that ${cnyText(amountFen)} were paid in on ${whenText(evidence, atMs)}`;
  return settlement ? `${paidIn}.` : `${paidIn}; they are still in escrow.`;
}
