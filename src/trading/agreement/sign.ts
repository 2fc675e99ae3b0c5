import { assert } from '../../base/assert.ts';
import { refuse, success } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { readOrganisation } from '../../identity/state.ts';
import { openTrade, partyOf } from '../party.ts';
import { tradingResults } from '../results.ts';
import { termsHashCommand, type Trade } from '../schema.ts';
import { moveTrade, tradeRecord } from '../state.ts';
import { agreedTermsOf, termsHash } from '../types.ts';
import { checkGrounds } from './grounds.ts';

/**
 * Both parties sign the hash of the terms; the second signature makes the agreement, which freezes
 * the listing's revision, the terms, and both parties' standing at this height.
 */
export const sign = defineOperation({
  number: 606,
  name: 'trading.sign',
  title: 'Sign the agreement',
  command: termsHashCommand,
  roles: ['BUYER', 'SELLER'],
  apply(context, { tradeId, termsHash: signed }) {
    const opened = openTrade(context, tradeId, ['buyer', 'seller'], 'sign');
    if (!opened.ok) return opened;
    const trade = opened.value;
    const party = partyOf(context, trade, ['buyer', 'seller']);
    if (!party.ok) return party;
    const grounds = checkGrounds(context, trade);
    if (!grounds.ok) return grounds;
    const expected = termsHash(agreedTermsOf(context.chainId, trade));
    if (signed !== expected) {
      return refuse(tradingResults.TRADING_TERMS_HASH_MISMATCH, `Trade ${tradeId}.`);
    }
    if (trade.signatures[party.value] !== null) {
      const detail = `Trade ${tradeId}, ${party.value}.`;
      return refuse(tradingResults.TRADING_ALREADY_SIGNED, detail);
    }
    const signature = { keyId: context.actor.keyId, signedAtMs: context.timeMs };
    const signatures = { ...trade.signatures, [party.value]: signature };
    agreeIfComplete(context, { ...trade, signatures }, signed);
    return success;
  },
});

function agreeIfComplete(context: Context, trade: Trade, hash: string): void {
  const { buyer, seller } = trade.signatures;
  if (buyer === null || seller === null) {
    context.write(tradeRecord, { ...trade, changedAtMs: context.timeMs }, 'trading.signed');
    return;
  }
  const buyerState = readOrganisation(context, trade.buyer)?.state;
  const sellerState = readOrganisation(context, trade.seller)?.state;
  assert(buyerState && sellerState, 'the parties of a trade are admitted');
  const agreement = {
    revisionRoot: trade.revisionRoot,
    termsHash: hash,
    buyerKeyId: buyer.keyId,
    sellerKeyId: seller.keyId,
    buyerState,
    sellerState,
    valuationId: trade.valuationId,
    agreedAtMs: context.timeMs,
    height: context.height,
  };
  const step = { verb: 'sign', to: 'AGREED', event: 'trading.agreed' } as const;
  moveTrade(context, { ...trade, agreement }, step);
}
