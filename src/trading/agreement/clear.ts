import { refuse, success, type Outcome } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { areRelated } from '../../identity/state.ts';
import { openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { tradeCommand, tradeReasonCommand, type Trade } from '../schema.ts';
import { moveTrade } from '../state.ts';
import { checkGrounds } from './grounds.ts';

/** Neither a party's organisation nor one related to it. */
function checkUnrelated(context: Context, trade: Trade): Outcome {
  const { organisationId } = context.actor;
  const related = [trade.buyer, trade.seller].find((party) =>
    areRelated(context, party, organisationId),
  );
  return related === undefined
    ? success
    : refuse(tradingResults.TRADING_REVIEWER_RELATED, `${organisationId} to ${related}.`);
}

/** A reviewer finds the accepted deal lawful: parties, listing and rights as they stand now. */
export const clear = defineOperation({
  number: 604,
  name: 'trading.clear',
  title: 'Clear an accepted trade',
  command: tradeCommand,
  roles: ['REVIEWER'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, null, 'clear');
    if (!opened.ok) return opened;
    const trade = opened.value;
    const unrelated = checkUnrelated(context, trade);
    if (!unrelated.ok) return unrelated;
    const grounds = checkGrounds(context, trade);
    if (!grounds.ok) return grounds;
    moveTrade(
      context,
      { ...trade, clearedBy: context.actor.organisationId },
      { verb: 'clear', to: 'COMPLIANCE_CLEARED', event: 'trading.cleared' },
    );
    return success;
  },
});

export const refuseClearance = defineOperation({
  number: 605,
  name: 'trading.refuse-clearance',
  title: 'Refuse to clear an accepted trade',
  command: tradeReasonCommand,
  roles: ['REVIEWER'],
  apply(context, { tradeId, reason }) {
    const opened = openTrade(context, tradeId, null, 'refuse-clearance');
    if (!opened.ok) return opened;
    const unrelated = checkUnrelated(context, opened.value);
    if (!unrelated.ok) return unrelated;
    const { organisationId } = context.actor;
    const ending = { organisationId, reason, atMs: context.timeMs };
    moveTrade(
      context,
      { ...opened.value, ending },
      { verb: 'refuse-clearance', to: 'TERMINATED', event: 'trading.clearance-refused' },
    );
    return success;
  },
});
