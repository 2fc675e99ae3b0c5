import { assert } from '../base/assert.ts';
import { periodEndMs } from '../base/calendar.ts';
import type { Hex } from '../base/bytes.ts';
import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import { defineRecord, type Ledger } from '../base/room.ts';
import { tradingResults } from './results.ts';
import {
  accountSchema,
  bankStandingSchema,
  licenceSchema,
  postingSchema,
  tradeSchema,
  usesCountable,
  type Licence,
  type LicenceState,
  type Trade,
  type TradeState,
} from './schema.ts';
import {
  licenceTransitions,
  statesWith,
  tradeDeadlines,
  tradeTransitions,
  type LicenceVerb,
  type TradeVerb,
} from './transitions.ts';

export const tradeRecord = defineRecord({
  name: 'trade',
  collection: 'trades',
  title: 'Trade',
  schema: tradeSchema,
  stream: 'signing',
});

export const licenceRecord = defineRecord({
  name: 'licence',
  collection: 'licences',
  title: 'Licence',
  schema: licenceSchema,
  stream: 'signing',
});

export const postingRecord = defineRecord({
  name: 'posting',
  collection: 'postings',
  title: 'Posting',
  schema: postingSchema,
  stream: 'supervision',
});

export const accountRecord = defineRecord({
  name: 'account',
  collection: 'accounts',
  title: 'Account',
  schema: accountSchema,
  stream: 'supervision',
});

export const bankStandingRecord = defineRecord({
  name: 'bank-standing',
  collection: 'bank-standings',
  title: 'Whether a bank pays out in time',
  schema: bankStandingSchema,
  stream: 'supervision',
});

/** Refuses with TRADING_NOT_FOUND. */
export function findTrade(ledger: Ledger, id: string): Outcome<Trade> {
  const trade = ledger.read(tradeRecord, id);
  return trade ? successWith(trade) : refuse(tradingResults.TRADING_NOT_FOUND, `Trade ${id}.`);
}

/** Refuses with LICENCE_NOT_FOUND. */
export function findLicence(ledger: Ledger, id: string): Outcome<Licence> {
  const licence = ledger.read(licenceRecord, id);
  return licence
    ? successWith(licence)
    : refuse(tradingResults.LICENCE_NOT_FOUND, `Licence ${id}.`);
}

/** Refuses with TRADING_STATE where the table has no such step. */
function checkTradeVerb(trade: Trade, verb: TradeVerb): Outcome {
  if (tradeTransitions[trade.state][verb]) return success;
  return refuse(
    tradingResults.TRADING_STATE,
    `Trade ${trade.id} is ${trade.state}; ${verb} needs ${statesWith(tradeTransitions, verb)}.`,
  );
}

/**
 * A block meets only so many deadlines: one that is past has decided, though its turn to be met may
 * come some blocks later. Refuses with TRADING_STATE.
 */
function checkTimely({ timeMs }: Ledger, { id, state, dueAtMs }: Trade): Outcome {
  if (dueAtMs === null || timeMs < dueAtMs) return success;
  return refuse(
    tradingResults.TRADING_STATE,
    `Trade ${id} was ${state} until ${dueAtMs} ms; the ledger takes its next step itself.`,
  );
}

/** Whether the step stands in the table and in its time. Refuses with TRADING_STATE. */
export function checkStep(ledger: Ledger, trade: Trade, verb: TradeVerb): Outcome {
  const possible = checkTradeVerb(trade, verb);
  return possible.ok ? checkTimely(ledger, trade) : possible;
}

/** Refuses with LICENCE_STATE where the table has no such step. */
export function checkLicenceVerb(licence: Licence, verb: LicenceVerb): Outcome {
  if (licenceTransitions[licence.state][verb]) return success;
  return refuse(
    tradingResults.LICENCE_STATE,
    `Licence ${licence.id} is ${licence.state}; ` +
      `${verb} needs ${statesWith(licenceTransitions, verb)}.`,
  );
}

export interface TradeStep {
  readonly verb: TradeVerb;
  readonly to: TradeState;
  readonly event: string;
}

/**
 * Writes a trade in its next state, and puts the old state's deadline away and the new one's up.
 * The caller has checked the verb; `trade` carries the step's other changes already.
 */
export function moveTrade(ledger: Ledger, trade: Trade, { verb, to, event }: TradeStep): Trade {
  assert(
    tradeTransitions[trade.state][verb]?.includes(to),
    `${trade.state} ${verb} leads to ${to}`,
  );
  const before = tradeDeadlines[trade.state];
  const after = tradeDeadlines[to];
  let { dueAtMs } = trade;
  if (before?.name !== after?.name || after?.restarts === true) {
    if (before) ledger.unschedule(before.name, trade.id);
    dueAtMs = after
      ? periodEndMs(ledger.timeMs, ledger.rules.periods[after.period], ledger.rules.calendar)
      : null;
    if (after && dueAtMs !== null) ledger.schedule(after.name, trade.id, dueAtMs);
  }
  const moved = { ...trade, state: to, dueAtMs, changedAtMs: ledger.timeMs };
  ledger.write(tradeRecord, moved, event);
  return moved;
}

export const licenceExpiry = 'licence.expiry';

const liveLicenceStates: readonly LicenceState[] = ['ISSUED', 'ACTIVE', 'SUSPENDED'];

/** Writes a licence in its next state; the caller has checked the verb. */
export function moveLicence(
  ledger: Ledger,
  licence: Licence,
  verb: LicenceVerb,
  to: LicenceState,
  event: string,
): void {
  const targets = licenceTransitions[licence.state][verb];
  assert(targets?.includes(to), `${licence.state} ${verb} leads to ${to}`);
  if (!liveLicenceStates.includes(to)) ledger.unschedule(licenceExpiry, licence.id);
  ledger.write(licenceRecord, { ...licence, state: to, changedAtMs: ledger.timeMs }, event);
}

/**
 * Meters `count` uses of an active licence; the last of the quota, or of what can be counted,
 * exhausts it. The one way by
 * which uses are counted, for reports of the buyer and for released compute jobs.
 * Refuses with LICENCE_EXHAUSTED or LICENCE_STATE.
 */
export function spendUses(ledger: Ledger, licence: Licence, count: number): Outcome {
  const usesMax = licence.terms.usesMax ?? usesCountable;
  if (licence.state === 'EXHAUSTED') {
    return refuse(tradingResults.LICENCE_EXHAUSTED, `Licence ${licence.id}: none is left.`);
  }
  const possible = checkLicenceVerb(licence, 'use');
  if (!possible.ok) return possible;
  if (ledger.timeMs >= licence.validUntilMs) {
    const detail = `Licence ${licence.id}: its term ended at ${licence.validUntilMs} ms.`;
    return refuse(tradingResults.LICENCE_STATE, detail);
  }
  const uses = licence.uses + count;
  if (uses > usesMax) {
    return refuse(
      tradingResults.LICENCE_EXHAUSTED,
      `Licence ${licence.id}: ${usesMax - licence.uses} of ${usesMax} uses left, ${count} asked.`,
    );
  }
  const spent = { ...licence, uses, nextNonce: licence.nextNonce + 1 };
  moveLicence(ledger, spent, 'use', uses === usesMax ? 'EXHAUSTED' : 'ACTIVE', 'licence.used');
  return success;
}

/** A buyer who claims its money back computes nothing more until that is decided. */
const contestedStates: readonly TradeState[] = ['REJECTED', 'DISPUTED'];

/**
 * Whether the result of a compute job may be handed over: the first as this trade's delivery, the
 * further ones while that is not contested. Refuses with TRADING_STATE.
 */
export function checkComputation(ledger: Ledger, trade: Trade): Outcome {
  if (trade.computation === null) return checkStep(ledger, trade, 'deliver');
  if (!contestedStates.includes(trade.state)) return success;
  return refuse(
    tradingResults.TRADING_STATE,
    `Trade ${trade.id} is ${trade.state}; its licence computes again once that is decided.`,
  );
}

/**
 * The release of a compute job is the delivery of its trade: for the privacy/jobs room, after
 * `checkComputation`. Further jobs of the same licence leave the trade as it is.
 */
export function completeComputation(
  ledger: Ledger,
  trade: Trade,
  jobId: string,
  releaseCommitment: Hex,
): void {
  if (trade.computation !== null) return;
  const computation = { jobId, releaseCommitment, atMs: ledger.timeMs };
  moveTrade(
    ledger,
    { ...trade, computation },
    { verb: 'deliver', to: 'DELIVERED', event: 'trading.computed' },
  );
}
