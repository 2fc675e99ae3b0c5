/** Rules of trades that machine version 2 brought, each beside what version 1 does. */
import { expect } from 'chai';
import { listingRecord } from '../../src/listing/state.ts';
import { acceptDelivery } from '../../src/trading/delivery/accept-delivery.ts';
import { deliver } from '../../src/trading/delivery/deliver.ts';
import { fund } from '../../src/trading/escrow/fund.ts';
import { reversePayOut } from '../../src/trading/escrow/pay-out.ts';
import { sign } from '../../src/trading/agreement/sign.ts';
import { request } from '../../src/trading/negotiation/request.ts';
import { tradingResults } from '../../src/trading/results.ts';
import type { LicenceTerms } from '../../src/listing/schema.ts';
import { bankStandingRecord, postingRecord } from '../../src/trading/state.ts';
import type { RulePack } from '../../src/base/rules.ts';
import { testRules } from '../support/rules.ts';
import { digestOf, fileTerms, listing } from './sample-product.ts';
import {
  attempt,
  brokenInvariants,
  deliveryFacts,
  fileRequest,
  licenceOf,
  makeWorld,
  play,
  tradeOf,
  type StepName,
  type World,
} from './trading-world.ts';

const dayMs = 86_400_000;

/** The rule pack's periods as an exchange in China has them: five working days for a delivery. */
const rules: RulePack = {
  ...testRules,
  periods: {
    ...testRules.periods,
    funding: { unit: 'working-day', count: 5 },
    delivery: { unit: 'working-day', count: 5 },
    buyerAcceptance: { unit: 'working-day', count: 5 },
    payout: { unit: 'working-day', count: 3 },
  },
};

/** Thursday, 5 March 2026, 10:00 in China. */
const thursdayMs = Date.UTC(2026, 2, 5, 2);
/** Wednesday, 11 March 2026, 10:00: within five working days. */
const wednesdayMs = Date.UTC(2026, 2, 11, 2);

const toFunded: readonly StepName[] = [
  ...(['offer', 'accept-offer', 'clear', 'sign-buyer', 'sign-seller', 'verify'] as const),
  'fund',
];

/** Funded on Thursday for three days, by the rules of a version. */
function fundedOnThursday(machineVersion: 1 | 2, terms: Partial<LicenceTerms> = {}): World {
  const world = makeWorld(rules);
  world.ledger.machineVersion = machineVersion;
  world.ledger.advanceTo(thursdayMs);
  const own = { ...fileTerms, durationDays: 3, ...terms };
  world.ledger.accept(request, world.actors.buyer, {
    tradeId: 'trade-1',
    ...fileRequest,
    terms: own,
  });
  return play(world, toFunded);
}

describe('the term of a licence', () => {
  it('by version 1 is over before a lawful delivery, and the buyer pays', () => {
    const world = play(fundedOnThursday(1), ['start-delivery']);
    world.ledger.advanceTo(wednesdayMs);
    expect(licenceOf(world).state).to.equal('EXPIRED');
    play(world, ['deliver', 'accept-delivery', 'settle']);
    expect(tradeOf(world).settlement?.refundFen).to.equal(0n);
  });

  it('by version 2 begins when the buyer accepts, and lasts as long as was bought', () => {
    const world = play(fundedOnThursday(2), ['start-delivery']);
    world.ledger.advanceTo(wednesdayMs);
    expect(licenceOf(world).state).to.equal('ISSUED');
    play(world, ['deliver', 'accept-delivery']);
    // To the end of the third day after.
    const untilMs = Date.UTC(2026, 2, 14, 16);
    expect(licenceOf(world)).to.include({ state: 'ACTIVE', validUntilMs: untilMs });
    world.ledger.advanceTo(untilMs - 1);
    expect(licenceOf(world).state).to.equal('ACTIVE');
    world.ledger.advanceTo(untilMs);
    expect(licenceOf(world).state).to.equal('EXPIRED');
  });

  it('by version 2 begins with silence, too, and not before', () => {
    const world = play(fundedOnThursday(2), ['start-delivery', 'deliver']);
    const due = tradeOf(world).dueAtMs ?? 0;
    world.ledger.advanceTo(due);
    expect(tradeOf(world).state).to.equal('ACCEPTED_BY_BUYER');
    expect(licenceOf(world).state).to.equal('ACTIVE');
    expect(licenceOf(world).validUntilMs).to.be.greaterThan(due + 3 * dayMs);
  });

  it('of a licence from before the raise that runs out undelivered, gives the money back', () => {
    const world = play(fundedOnThursday(1), ['start-delivery']);
    world.ledger.machineVersion = 2;
    world.ledger.advanceTo(wednesdayMs);
    const { state, settlement, totalFen } = tradeOf(world);
    expect({ state, refundFen: settlement?.refundFen }).to.deep.equal({
      state: 'EXPIRED',
      refundFen: totalFen,
    });
    expect(licenceOf(world).state).to.equal('EXPIRED');
    expect(brokenInvariants(world)).to.deep.equal([]);
    expect(attempt(world, 'deliver').ok).to.equal(false);
  });

  it('of a licence from before the raise that was delivered, begins with the acceptance', () => {
    const world = play(fundedOnThursday(1), ['start-delivery', 'deliver']);
    world.ledger.machineVersion = 2;
    world.ledger.advanceTo(wednesdayMs);
    expect(licenceOf(world).state).to.equal('ISSUED');
    play(world, ['accept-delivery']);
    expect(licenceOf(world).validUntilMs).to.equal(Date.UTC(2026, 2, 14, 16));
  });
});

const freeSteps: readonly StepName[] = toFunded.slice(0, -1);

function freeWorld(machineVersion: 1 | 2): World {
  const world = makeWorld(rules);
  world.ledger.machineVersion = machineVersion;
  world.ledger.put(listingRecord, { ...listing, price: { model: 'FREE', amountFen: 0n } });
  return world;
}

const freeRequest = { tradeId: 'trade-1', ...fileRequest, priceFen: 0n };

describe('what is offered free', () => {
  it('by version 1 cannot be asked for, at no price', () => {
    const { ledger, actors } = freeWorld(1);
    const { TRADING_PRICE_OUT_OF_RANGE: range, TRADING_PURPOSE_NOT_OFFERED: none } = tradingResults;
    ledger.refuse(range, request, actors.buyer, freeRequest);
    ledger.refuse(none, request, actors.buyer, { ...freeRequest, priceFen: 1n });
  });

  it('by version 2 is agreed, delivered, settled and certified without a bank’s step', () => {
    const world = freeWorld(2);
    const { ledger, actors } = world;
    const { TRADING_PRICE_OUT_OF_RANGE: range, TRADING_FREE: free } = tradingResults;
    ledger.refuse(range, request, actors.buyer, { ...freeRequest, priceFen: 1n });
    ledger.accept(request, actors.buyer, freeRequest);
    play(world, freeSteps);
    ledger.refuse(free, fund, actors.bank, {
      tradeId: 'trade-1',
      amountFen: 0n,
      referenceCommitment: digestOf('reference'),
    });
    play(world, ['start-delivery', 'deliver', 'accept-delivery', 'settle', 'certify']);
    const { state, funding, settlement, postingCount } = tradeOf(world);
    expect({ state, funding, postingCount }).to.deep.equal({
      state: 'CERTIFIED',
      funding: null,
      postingCount: 0,
    });
    expect(settlement).to.include({ refundFen: 0n, sellerFen: 0n, feeNetFen: 0n, feeVatFen: 0n });
    expect(ledger.all(postingRecord)).to.deep.equal([]);
    expect(licenceOf(world).state).to.equal('ACTIVE');
    expect(attempt(world, 'pay-seller').ok).to.equal(false);
  });

  it('ends the licence where the delivery is missed, or rejected and not contested', () => {
    for (const steps of [['start-delivery'], ['start-delivery', 'deliver', 'reject-delivery']]) {
      const world = freeWorld(2);
      world.ledger.accept(request, world.actors.buyer, freeRequest);
      play(world, [...freeSteps, ...(steps as StepName[])]);
      world.ledger.advanceTo(tradeOf(world).dueAtMs ?? 0);
      expect(tradeOf(world).state).to.be.oneOf(['EXPIRED', 'REFUNDED']);
      expect(licenceOf(world).state).to.equal('TERMINATED');
      expect(brokenInvariants(world)).to.deep.equal([]);
    }
  });

  it('has no price of 0 where it is offered at a price', () => {
    const { ledger, actors } = fundedOnThursday(2);
    const other = { ...freeRequest, tradeId: 'trade-2' };
    ledger.refuse(tradingResults.TRADING_PRICE_OUT_OF_RANGE, request, actors.buyer, other);
  });
});

const toSettled: readonly StepName[] = ['start-delivery', 'deliver', 'accept-delivery', 'settle'];

const standingOf = ({ ledger }: World) => ledger.read(bankStandingRecord, 'bank');

function settledAndUnpaid(machineVersion: 1 | 2): World {
  const world = play(fundedOnThursday(machineVersion), toSettled);
  // Three working days after Thursday the 5th: the end of Tuesday the 10th.
  world.ledger.advanceTo(Date.UTC(2026, 2, 10, 16) - 1);
  expect(standingOf(world)).to.equal(null);
  world.ledger.advanceTo(Date.UTC(2026, 2, 10, 16));
  return world;
}

const another = { ...fileRequest, tradeId: 'trade-2' };

describe('a bank that does not pay out', () => {
  it('by version 1 is silent for ever', () => {
    const world = settledAndUnpaid(1);
    expect(standingOf(world)).to.equal(null);
    expect(world.ledger.eventNames).to.not.include('trading.pay-out-overdue');
  });

  it('by version 2 is in default, and holds no new money until it has paid', () => {
    const world = settledAndUnpaid(2);
    const { ledger, actors } = world;
    expect(standingOf(world)).to.include({ state: 'IN_DEFAULT' });
    expect(standingOf(world)?.overdue).to.deep.equal(['trade-1']);
    expect(ledger.eventNames).to.include('trading.pay-out-overdue');
    const { TRADING_BANK_IN_DEFAULT: inDefault } = tradingResults;
    ledger.refuse(inDefault, request, actors.buyer, another);
    ledger.accept(request, actors.buyer, { ...another, tradeId: 'trade-3', bank: 'other-bank' });
    play(world, ['pay-seller']);
    expect(standingOf(world)).to.include({ state: 'PAYING' });
    ledger.accept(request, actors.buyer, another);
  });

  it('is not in default where it has paid in time, and is where the pay-out came back', () => {
    const world = play(fundedOnThursday(2), [...toSettled, 'pay-seller']);
    const { ledger, actors } = world;
    ledger.advanceTo(Date.UTC(2026, 2, 11, 2));
    expect(standingOf(world)).to.equal(null);
    const { sellerPostingId } = tradeOf(world).settlement ?? {};
    ledger.accept(reversePayOut, actors.bank, {
      postingId: sellerPostingId ?? '',
      referenceCommitment: digestOf('returned'),
    });
    // Three working days after Wednesday the 11th.
    ledger.advanceTo(Date.UTC(2026, 2, 16, 16) - 1);
    expect(standingOf(world)).to.equal(null);
    ledger.advanceTo(Date.UTC(2026, 2, 16, 16));
    expect(standingOf(world)?.overdue).to.deep.equal(['trade-1']);
  });

  it('holds no money of a trade that was agreed before, either', () => {
    const world = play(fundedOnThursday(2), toSettled);
    const { ledger, actors } = world;
    ledger.advanceTo(Date.UTC(2026, 2, 10, 15));
    ledger.accept(request, actors.buyer, another);
    play(world, toFunded.slice(0, -1), 'trade-2');
    ledger.advanceTo(Date.UTC(2026, 2, 10, 16));
    const outcome = attempt(world, 'fund', 'trade-2');
    expect(outcome.ok || outcome.result.name).to.equal('TRADING_BANK_IN_DEFAULT');
  });
});

describe('a refusal', () => {
  it('never names the digest that the signer was to compute', () => {
    const world = play(fundedOnThursday(1), ['start-delivery']);
    const { ledger, actors } = world;
    const wrong = digestOf('wrong');
    const { rowsRoot, ciphertextDigest } = deliveryFacts;
    const details = [
      ledger.refuse(tradingResults.TRADING_FINGERPRINT_MISMATCH, deliver, actors.seller, {
        tradeId: 'trade-1',
        ...deliveryFacts,
        rowsRoot: wrong,
      }),
    ];
    play(world, ['deliver']);
    details.push(
      ledger.refuse(tradingResults.TRADING_DELIVERY_MISMATCH, acceptDelivery, actors.buyer, {
        tradeId: 'trade-1',
        digest: wrong,
      }),
    );
    const unsigned = makeWorld();
    play(unsigned, ['request', 'offer', 'accept-offer', 'clear']);
    details.push(
      unsigned.ledger.refuse(
        tradingResults.TRADING_TERMS_HASH_MISMATCH,
        sign,
        unsigned.actors.buyer,
        { tradeId: 'trade-1', termsHash: wrong },
      ),
    );
    for (const detail of details) {
      expect(detail).to.not.match(/[0-9a-f]{64}/);
      for (const digest of [rowsRoot, ciphertextDigest]) expect(detail).to.not.include(digest);
    }
  });
});
