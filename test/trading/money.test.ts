import { expect } from 'chai';
import fc from 'fast-check';
import { payOut, reversePayOut } from '../../src/trading/escrow/pay-out.ts';
import { postingRecord } from '../../src/trading/state.ts';
import { accountIdOf, settlementAmounts, tradeTotals } from '../../src/trading/types.ts';
import { tradingResults } from '../../src/trading/results.ts';
import { testRules } from '../support/rules.ts';
import { digestOf } from './sample-product.ts';
import {
  balanceOf,
  brokenInvariants,
  letPass,
  licenceOf,
  makeWorld,
  play,
  tradeOf,
  waysTo,
  worldAt,
  type World,
} from './trading-world.ts';

const { money } = testRules;

const balances = (world: World) => ({
  clientMoney: balanceOf(world, { kind: 'CLIENT_MONEY', holder: 'bank' }),
  escrow: balanceOf(world, { kind: 'ESCROW', holder: 'trade-1' }),
  seller: balanceOf(world, { kind: 'SELLER_PAYABLE', holder: 'seller' }),
  buyer: balanceOf(world, { kind: 'BUYER_REFUND', holder: 'buyer' }),
  fee: balanceOf(world, { kind: 'FEE_INCOME', holder: null }),
  vat: balanceOf(world, { kind: 'OUTPUT_VAT', holder: null }),
});

const linesOf = ({ ledger }: World, id: string): string[] =>
  ledger
    .get(postingRecord, id)
    .lines.map(({ side, accountId, amountFen }) => `${side} ${accountId} ${amountFen}`);

const reference = { referenceCommitment: digestOf('reference') };

describe('the money of a trade', () => {
  it('is what domain.md computes for a price of 100,000.00', () => {
    expect(tradeTotals(10_000_000n, money)).to.deep.equal({
      priceFen: 10_000_000n,
      vatFen: 600_000n,
      feeFen: 250_000n,
      totalFen: 10_600_000n,
    });
    const world = play(makeWorld(), waysTo.FUNDED);
    expect(linesOf(world, 'trade-1-posting-1')).to.deep.equal([
      'DEBIT client-money-bank 10600000',
      'CREDIT escrow-trade-1 10600000',
    ]);
    play(world, ['start-delivery', 'deliver', 'accept-delivery', 'settle']);
    expect(linesOf(world, 'trade-1-posting-2')).to.deep.equal([
      'DEBIT escrow-trade-1 10600000',
      'CREDIT seller-payable-seller 10350000',
      'CREDIT fee-income 235849',
      'CREDIT output-vat 14151',
    ]);
    expect(balances(world)).to.deep.equal({
      clientMoney: 10_600_000n,
      escrow: 0n,
      seller: 10_350_000n,
      buyer: 0n,
      fee: 235_849n,
      vat: 14_151n,
    });
  });

  it('leaves the fee and its VAT with the bank once the seller is paid', () => {
    const world = play(worldAt('SETTLED'), ['pay-seller']);
    expect(balances(world).clientMoney).to.equal(250_000n);
    expect(balances(world).seller).to.equal(0n);
    expect(tradeOf(world).settlement?.sellerPostingId).to.equal('trade-1-posting-3');
  });

  it('undoes a pay-out by its mirror, after which it can be paid again', () => {
    const world = play(worldAt('SETTLED'), ['pay-seller']);
    const { ledger, actors } = world;
    const reversal = { postingId: 'trade-1-posting-3', ...reference };
    ledger.accept(reversePayOut, actors.bank, reversal);
    expect(linesOf(world, 'trade-1-posting-4')).to.deep.equal([
      'DEBIT client-money-bank 10350000',
      'CREDIT seller-payable-seller 10350000',
    ]);
    expect(ledger.get(postingRecord, 'trade-1-posting-4').reversesPostingId).to.equal(
      'trade-1-posting-3',
    );
    expect(brokenInvariants(world)).to.deep.equal([]);
    const { TRADING_POSTING_NOT_REVERSIBLE } = tradingResults;
    ledger.refuse(TRADING_POSTING_NOT_REVERSIBLE, reversePayOut, actors.bank, reversal);
    play(world, ['pay-seller']);
    expect(balances(world).clientMoney).to.equal(250_000n);
  });

  it('reverses nothing but a pay-out', () => {
    const { ledger, actors } = worldAt('SETTLED');
    for (const postingId of ['trade-1-posting-1', 'trade-1-posting-2']) {
      ledger.refuse(tradingResults.TRADING_POSTING_NOT_REVERSIBLE, reversePayOut, actors.bank, {
        postingId,
        ...reference,
      });
    }
    ledger.refuse(tradingResults.TRADING_POSTING_NOT_FOUND, reversePayOut, actors.bank, {
      postingId: 'trade-1-posting-9',
      ...reference,
    });
  });

  it('goes back whole where nothing is delivered, and ends the licence', () => {
    const world = worldAt('FUNDED');
    letPass(world);
    expect(tradeOf(world).state).to.equal('EXPIRED');
    expect(balances(world)).to.include({ escrow: 0n, buyer: 10_600_000n, seller: 0n, fee: 0n });
    expect(world.ledger.get(postingRecord, 'trade-1-posting-2')).to.include({
      kind: 'REFUND',
      reversesPostingId: 'trade-1-posting-1',
    });
    expect(licenceOf(world).state).to.equal('TERMINATED');
    play(world, ['pay-buyer']);
    expect(balances(world).clientMoney).to.equal(0n);
  });

  it('is split by a ruling, with the fee in proportion', () => {
    const world = worldAt('PARTIAL_REFUND');
    const { settlement } = tradeOf(world);
    expect(settlement?.refundFen).to.equal(333_333n);
    // 250,000 × (10,600,000 − 333,333) / 10,600,000 = 242,138.4…; net of 6 %: 228,432.07…
    expect(settlement?.feeNetFen).to.equal(228_432n);
    expect(settlement?.feeVatFen).to.equal(13_706n);
    expect(settlement?.sellerFen).to.equal(10_600_000n - 333_333n - 242_138n);
    play(world, ['pay-seller', 'pay-buyer']);
    expect(balances(world).clientMoney).to.equal(242_138n);
    expect(licenceOf(world).state).to.equal('ACTIVE');
  });

  it('is paid once, by the bank that holds it, and only where it is owed', () => {
    const world = play(worldAt('SETTLED'), ['pay-seller']);
    const { ledger, actors } = world;
    const toSeller = { tradeId: 'trade-1', to: 'SELLER', ...reference } as const;
    ledger.refuse(tradingResults.TRADING_ALREADY_PAID, payOut, actors.bank, toSeller);
    ledger.refuse(tradingResults.TRADING_NOT_FUNDING_BANK, payOut, actors.otherBank, toSeller);
    ledger.refuse(tradingResults.TRADING_NOTHING_TO_PAY, payOut, actors.bank, {
      ...toSeller,
      to: 'BUYER',
    });
    const early = worldAt('DELIVERED');
    early.ledger.refuse(tradingResults.TRADING_NOTHING_TO_PAY, payOut, early.actors.bank, toSeller);
    const unfunded = worldAt('VERIFIED');
    unfunded.ledger.refuse(
      tradingResults.TRADING_NOTHING_TO_PAY,
      payOut,
      unfunded.actors.bank,
      toSeller,
    );
  });

  it('adds up for every price and refund', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, money.priceMaxFen),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 1000 }),
        (price, feeBasisPoints, vatBasisPoints, part) => {
          const rules = { ...money, feeBasisPoints, vatBasisPoints };
          const totals = tradeTotals(price, rules);
          const refund = (totals.totalFen * BigInt(part)) / 1000n;
          const split = settlementAmounts(totals, refund, rules);
          const { refundFen, sellerFen, feeNetFen, feeVatFen } = split;
          expect(refundFen + sellerFen + feeNetFen + feeVatFen).to.equal(totals.totalFen);
          for (const amount of Object.values(split)) expect(amount >= 0n).to.equal(true);
        },
      ),
    );
  });

  it('names accounts by what they are for', () => {
    expect(accountIdOf({ kind: 'ESCROW', holder: 'trade-1' })).to.equal('escrow-trade-1');
    expect(accountIdOf({ kind: 'CLIENT_MONEY', holder: 'bank' })).to.equal('client-money-bank');
    expect(accountIdOf({ kind: 'SELLER_PAYABLE', holder: 'a' })).to.equal('seller-payable-a');
    expect(accountIdOf({ kind: 'BUYER_REFUND', holder: 'a' })).to.equal('buyer-refund-a');
    expect(accountIdOf({ kind: 'FEE_INCOME', holder: null })).to.equal('fee-income');
    expect(accountIdOf({ kind: 'OUTPUT_VAT', holder: null })).to.equal('output-vat');
  });
});
