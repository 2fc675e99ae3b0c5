import { assert } from '../../base/assert.ts';
import { refuse, success, type Outcome } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { areRelated } from '../../identity/state.ts';
import { releaseEscrow } from '../escrow/release.ts';
import { activateLicence } from '../licence/issue.ts';
import { openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { ruleDisputeCommand, type Trade } from '../schema.ts';
import { moveTrade } from '../state.ts';
import { isFree } from '../types.ts';

/** The operator rules: nothing back, a part, or all of it. With less than all the licence stands. */
export const ruleDispute = defineOperation({
  number: 616,
  name: 'trading.rule-dispute',
  title: 'Rule a dispute',
  command: ruleDisputeCommand,
  roles: ['OPERATOR'],
  apply(context, { tradeId, refundFen, reason }) {
    const opened = openTrade(context, tradeId, null, 'rule-dispute');
    if (!opened.ok) return opened;
    const trade = opened.value;
    assert(trade.dispute, 'a disputed trade has its ground');
    if (refundFen > trade.totalFen) {
      return refuse(
        tradingResults.TRADING_REFUND_OUT_OF_RANGE,
        `Trade ${tradeId}: ${refundFen} of ${trade.totalFen} fen.`,
      );
    }
    const unbiased = checkUnbiased(context, trade, refundFen);
    if (!unbiased.ok) return unbiased;
    const { organisationId } = context.actor;
    const ruling = { organisationId, refundFen, reason, atMs: context.timeMs };
    const ruled = { ...trade, dispute: { ...trade.dispute, ruling } };
    const released = releaseEscrow(context, ruled, refundFen);
    if (refundFen < trade.totalFen || isFree(trade)) activateLicence(context, trade);
    const [to, event] = outcomeOf(refundFen, trade.totalFen);
    moveTrade(context, released, { verb: 'rule-dispute', to, event });
    return success;
  },
});

/** Nobody gives money to his own house; against it he may rule. */
function checkUnbiased(context: Context, trade: Trade, refundFen: bigint): Outcome {
  const favoured = [
    ...(refundFen > 0n ? [trade.buyer] : []),
    ...(refundFen < trade.totalFen || isFree(trade) ? [trade.seller] : []),
  ];
  const { organisationId } = context.actor;
  const related = favoured.find((party) => areRelated(context, party, organisationId));
  return related === undefined
    ? success
    : refuse(tradingResults.TRADING_OPERATOR_RELATED, `${organisationId} to ${related}.`);
}

function outcomeOf(refundFen: bigint, totalFen: bigint) {
  if (refundFen === 0n) return ['SETTLED', 'trading.settled'] as const;
  if (refundFen === totalFen) return ['REFUNDED', 'trading.refunded'] as const;
  return ['PARTIAL_REFUND', 'trading.partly-refunded'] as const;
}
