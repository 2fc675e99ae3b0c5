import { assert } from '../../base/assert.ts';
import { success } from '../../base/result.ts';
import { defineOperation } from '../../base/room.ts';
import { openTrade } from '../party.ts';
import { tradeCommand } from '../schema.ts';
import { moveTrade } from '../state.ts';
import { tradeCertificateNumber } from '../types.ts';

/** The operator issues the certificate of a settled trade (交易凭证). */
export const certify = defineOperation({
  number: 618,
  name: 'trading.certify',
  title: 'Issue the trade certificate',
  command: tradeCommand,
  roles: ['OPERATOR'],
  apply(context, { tradeId }) {
    const opened = openTrade(context, tradeId, null, 'certify');
    if (!opened.ok) return opened;
    const trade = opened.value;
    assert(trade.agreement, 'a settled trade has an agreement');
    const { timeMs, rules } = context;
    const number = tradeCertificateNumber(trade.agreement.termsHash, timeMs, rules.calendar);
    moveTrade(
      context,
      { ...trade, certificate: { number, issuedAtMs: timeMs } },
      { verb: 'certify', to: 'CERTIFIED', event: 'trading.certified' },
    );
    return success;
  },
});
