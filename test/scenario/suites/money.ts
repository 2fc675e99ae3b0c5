import { expect } from 'chai';
import { utf8 } from '../../../src/base/bytes.ts';
import { commitment } from '../../../src/base/hash.ts';
import type { Static } from '../../../src/base/schema.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import { act, newSalt } from '../../../src/demo/scenario.ts';
import {
  acceptDeliveryCommand,
  deliverCommand,
  fundCommand,
  payOutCommand,
  tradeCommand,
} from '../../../src/trading/schema.ts';
import { licenceRecord, tradeRecord } from '../../../src/trading/state.ts';
import { deliveryOf, honestPackage, receive } from '../support/file-delivery.ts';
import { openTrade, type MidTrade } from '../support/mid-trade.ts';
import { refuses } from '../support/refusal.ts';
import { used } from '../support/used.ts';

type Deliver = Static<typeof deliverCommand>;

/** The open trade `file-trade`, from its escrow to the last fen paid out. */
export function moneyRefusals(world: () => MidTrade): void {
  const fund = (tradeId: string, amountFen: bigint): NamedOperation =>
    act('trading.fund', fundCommand, {
      tradeId,
      amountFen,
      referenceCommitment: commitment(newSalt(), utf8('transfer')),
    });

  it('paid in short or in excess, or by who is no bank', async () => {
    const tradeId = 'unfunded-trade';
    let tried = 0;
    await openTrade(world(), tradeId, 'DELIVERY', async () => {
      await refuses(world(), 'bank', fund(tradeId, 10_599_999n), 'TRADING_ESCROW_INSUFFICIENT');
      await refuses(world(), 'bank', fund(tradeId, 10_000_000n), 'TRADING_ESCROW_INSUFFICIENT');
      await refuses(world(), 'bank', fund(tradeId, 10_600_001n), 'TRADING_ESCROW_EXCESSIVE');
      await refuses(world(), 'buyer', fund(tradeId, 10_600_000n), 'ROLE_MISSING');
      const begin = act('trading.start-delivery', tradeCommand, { tradeId });
      await refuses(world(), 'seller', begin, 'TRADING_STATE');
      tried += 1;
    });
    expect(tried).to.equal(1);
  });

  it('paid in a second time', async () => {
    for (const amountFen of [10_600_000n, 1n]) {
      await refuses(world(), 'bank', fund('file-trade', amountFen), 'TRADING_STATE');
    }
  });

  it('delivered with another fingerprint, settled early and settled twice', async () => {
    const deliver = await deliveryOf(world(), 'file-trade', honestPackage(world()));
    const lie = { ...(deliver.command as Deliver), rowsRoot: '11'.repeat(32) };
    const other = act('trading.deliver', deliverCommand, lie);
    await refuses(world(), 'seller', other, 'TRADING_FINGERPRINT_MISMATCH');
    await world().player('seller').submit(deliver);
    await refuses(world(), 'seller', deliver, 'TRADING_STATE');
    const settle = act('trading.settle', tradeCommand, { tradeId: 'file-trade' });
    await refuses(world(), 'operator', settle, 'TRADING_STATE');
    expect((await receive(world(), 'file-trade')).fault).to.equal(null);
    const accept = (digest: string): NamedOperation =>
      act('trading.accept-delivery', acceptDeliveryCommand, { tradeId: 'file-trade', digest });
    await refuses(world(), 'buyer', accept('22'.repeat(32)), 'TRADING_DELIVERY_MISMATCH');
    const { delivery } = await world().player('buyer').read(tradeRecord, 'file-trade');
    await world()
      .player('buyer')
      .submit(accept(delivery?.ciphertextDigest ?? ''));
    await world().player('operator').submit(settle);
    await refuses(world(), 'operator', settle, 'TRADING_STATE');
    // In one envelope the second undoes the first: all or nothing.
    const certify = act('trading.certify', tradeCommand, { tradeId: 'file-trade' });
    const both = await refuses(world(), 'operator', [certify, settle], 'TRADING_STATE');
    expect(both.receipt?.failedOperation).to.equal(1);
  });

  it('used beyond the quota, or reported twice', async () => {
    const buyer = world().player('buyer');
    await refuses(world(), 'buyer', used(0, 3), 'LICENCE_EXHAUSTED');
    await buyer.submit(used(0));
    await refuses(world(), 'buyer', used(0), 'LICENCE_NONCE_STALE');
    await refuses(world(), 'buyer', used(2), 'LICENCE_NONCE_STALE');
    await refuses(world(), 'buyer', used(1, 2), 'LICENCE_EXHAUSTED');
    await buyer.submit(used(1));
    await refuses(world(), 'buyer', used(2), 'LICENCE_EXHAUSTED');
    const licence = await buyer.read(licenceRecord, 'file-trade');
    expect(licence).to.include({ state: 'EXHAUSTED', uses: 2 });
  });

  it('paid out to whom nothing is owed, and paid out twice', async () => {
    const payOut = (to: 'SELLER' | 'BUYER'): NamedOperation =>
      act('trading.pay-out', payOutCommand, {
        tradeId: 'file-trade',
        to,
        referenceCommitment: commitment(newSalt(), utf8('pay-out')),
      });
    await refuses(world(), 'bank', payOut('BUYER'), 'TRADING_NOTHING_TO_PAY');
    await world().player('bank').submit(payOut('SELLER'));
    await refuses(world(), 'bank', payOut('SELLER'), 'TRADING_ALREADY_PAID');
  });
}
