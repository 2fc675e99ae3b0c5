import { refuse, success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { readRegistration } from '../../rights/state.ts';
import { openTrade } from '../party.ts';
import { tradingResults } from '../results.ts';
import { deliverCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';

/** The seller delivers the encrypted file and its sealed key; only their digests are recorded. */
export const deliver = defineOperation({
  number: 612,
  name: 'trading.deliver',
  title: 'Deliver the encrypted file',
  command: deliverCommand,
  roles: ['SELLER'],
  apply(context, { tradeId, ...facts }) {
    const opened = openTrade(context, tradeId, ['seller'], 'deliver');
    if (!opened.ok) return opened;
    const trade = opened.value;
    if (trade.purpose !== 'DELIVERY') {
      return refuse(tradingResults.TRADING_PURPOSE_MISMATCH, `Trade ${tradeId}: ${trade.purpose}.`);
    }
    const registration = readRegistration(context, trade.registrationId);
    if (registration?.state !== 'ACTIVE') {
      const detail = `Registration ${trade.registrationId}.`;
      return refuse(tradingResults.TRADING_RIGHTS_NOT_ACTIVE, detail);
    }
    const { rowsRoot, contentCommitment } = registration.fingerprint;
    const isSameRows = facts.rowsRoot === rowsRoot;
    if (!isSameRows || facts.contentCommitment !== contentCommitment) {
      const which = isSameRows ? 'contentCommitment' : 'rowsRoot';
      const detail = `/${which}: not that of registration ${registration.id}.`;
      return refuse(tradingResults.TRADING_FINGERPRINT_MISMATCH, detail);
    }
    moveTrade(
      context,
      { ...trade, delivery: { ...facts, atMs: context.timeMs } },
      { verb: 'deliver', to: 'DELIVERED', event: 'trading.delivered' },
    );
    return success;
  },
});
