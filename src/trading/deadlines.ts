/** What the ledger does by itself when a party lets its time pass. */
import { assert } from '../base/assert.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import type { Deadline, Ledger } from '../base/room.ts';
import { recordAcceptance } from './delivery/accept-delivery.ts';
import { markDefault, payOutDue } from './escrow/pay-out-due.ts';
import { releaseAll } from './escrow/release.ts';
import { settleAccepted } from './escrow/settle.ts';
import type { Trade } from './schema.ts';
import { licenceExpiry, licenceRecord, moveLicence, moveTrade, tradeRecord } from './state.ts';
import { tradeTransitions, type StateDeadline, type TradeVerb } from './transitions.ts';

function findTrade(ledger: Ledger, name: string, id: string): Trade {
  const trade = ledger.read(tradeRecord, id);
  assert(trade, `deadline ${name} is about a trade`);
  return trade;
}

const onTrade = (
  name: string,
  period: StateDeadline['period'],
  act: (ledger: Ledger, trade: Trade) => void,
): Deadline => ({
  name,
  period,
  putOff(ledger, id, dueAtMs) {
    const trade = findTrade(ledger, name, id);
    ledger.write(tradeRecord, { ...trade, dueAtMs }, 'trading.deadline-put-off');
  },
  apply: (ledger, id) => act(ledger, findTrade(ledger, name, id)),
});

const ended = (ledger: Ledger, trade: Trade, reason: string): Trade => ({
  ...trade,
  ending: { organisationId: null, reason, atMs: ledger.timeMs },
});

function expire(ledger: Ledger, trade: Trade, verb: TradeVerb, reason: string): void {
  const step = { verb, to: 'EXPIRED', event: 'trading.expired' } as const;
  moveTrade(ledger, ended(ledger, trade, reason), step);
}

function refundWhole(ledger: Ledger, trade: Trade, verb: TradeVerb, reason: string): void {
  const released = releaseAll(ledger, ended(ledger, trade, reason));
  moveTrade(ledger, released, { verb, to: 'REFUNDED', event: 'trading.refunded' });
}

const expiry: Deadline = {
  name: licenceExpiry,
  apply(ledger, id) {
    const licence = ledger.read(licenceRecord, id);
    assert(licence, 'an expiry is about a licence');
    const trade = ledger.read(tradeRecord, licence.tradeId);
    assert(trade, 'a licence is of a trade');
    const isOldRule = ledger.machineVersion < sinceMachineVersion.termFromActivation;
    // Issued by version 1: its term begins anew when it becomes active, or not at all.
    if (!isOldRule && licence.state === 'ISSUED' && !isUndelivered(trade)) return;
    moveLicence(ledger, licence, 'expire', 'EXPIRED', 'licence.expired');
    if (isOldRule || !isUndelivered(trade)) return;
    const reason = 'The term of the licence was over before anything was delivered.';
    expire(ledger, releaseAll(ledger, trade), 'miss-delivery', reason);
  },
};

/** Its time stands in no record: the trade itself has come to its end. */
const payOut: Deadline = {
  name: payOutDue,
  period: 'payout',
  apply: (ledger, id) => markDefault(ledger, findTrade(ledger, payOutDue, id)),
};

const isUndelivered = ({ state }: Trade): boolean =>
  tradeTransitions[state]['miss-delivery'] !== undefined;

export const tradingDeadlines: readonly Deadline[] = [
  onTrade('trading.negotiation', 'negotiation', (ledger, trade) =>
    expire(ledger, trade, 'expire-negotiation', 'No agreement came about in time.'),
  ),
  onTrade('trading.funding', 'funding', (ledger, trade) =>
    expire(ledger, trade, 'expire-funding', 'The escrow was not funded in time.'),
  ),
  onTrade('trading.delivery', 'delivery', (ledger, trade) =>
    expire(
      ledger,
      releaseAll(ledger, trade),
      'miss-delivery',
      'Nothing was delivered in time; the buyer’s money is owed back.',
    ),
  ),
  onTrade('trading.acceptance', 'buyerAcceptance', (ledger, trade) =>
    recordAcceptance(ledger, trade, 'SILENCE'),
  ),
  onTrade('trading.settlement', 'payout', settleAccepted),
  payOut,
  onTrade('trading.rejection', 'buyerAcceptance', (ledger, trade) =>
    refundWhole(ledger, trade, 'leave-unanswered', 'The rejection was not contested in time.'),
  ),
  onTrade('trading.ruling', 'disputeRuling', (ledger, trade) =>
    refundWhole(ledger, trade, 'miss-ruling', 'The dispute was not ruled in time.'),
  ),
  expiry,
];
