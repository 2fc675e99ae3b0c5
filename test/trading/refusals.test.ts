import { expect } from 'chai';
import { organisationRecord } from '../../src/identity/state.ts';
import { listingRecord } from '../../src/listing/state.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { clear, refuseClearance } from '../../src/trading/agreement/clear.ts';
import { sign } from '../../src/trading/agreement/sign.ts';
import { verify } from '../../src/trading/agreement/verify.ts';
import { acceptDelivery } from '../../src/trading/delivery/accept-delivery.ts';
import { deliver } from '../../src/trading/delivery/deliver.ts';
import { startDelivery } from '../../src/trading/delivery/start-delivery.ts';
import { dispute } from '../../src/trading/dispute/dispute.ts';
import { rejectDelivery } from '../../src/trading/dispute/reject-delivery.ts';
import { ruleDispute } from '../../src/trading/dispute/rule-dispute.ts';
import { fund } from '../../src/trading/escrow/fund.ts';
import { settle } from '../../src/trading/escrow/settle.ts';
import { acceptOffer } from '../../src/trading/negotiation/accept-offer.ts';
import { cancel } from '../../src/trading/negotiation/cancel.ts';
import { counter } from '../../src/trading/negotiation/counter.ts';
import { offer } from '../../src/trading/negotiation/offer.ts';
import { tradingResults } from '../../src/trading/results.ts';
import { tradingRoom } from '../../src/trading/room.ts';
import { accountRecord } from '../../src/trading/state.ts';
import { digestOf, fileTerms, listing, priceFen } from './sample-product.ts';
import {
  deliveryFacts,
  hashToSign,
  makeWorld,
  play,
  tradeOf,
  waysTo,
  worldAt,
  type World,
} from './trading-world.ts';

const onTrade = { tradeId: 'trade-1' };
const proposal = { priceFen, terms: fileTerms, bank: 'bank' };
const reference = { referenceCommitment: digestOf('reference') };

const suspend = ({ ledger }: World, id: string): void =>
  ledger.put(organisationRecord, { ...ledger.get(organisationRecord, id), state: 'SUSPENDED' });

describe('the steps of a party', () => {
  const strangersAt = [
    ['REQUESTED', offer, { ...onTrade, ...proposal, turn: 1, valuationId: null }],
    ['OFFERED', counter, { ...onTrade, ...proposal, turn: 2 }],
    ['OFFERED', acceptOffer, { ...onTrade, turn: 2 }],
    ['OFFERED', cancel, { ...onTrade, reason: 'none' }],
    ['COMPLIANCE_CLEARED', sign, { ...onTrade, termsHash: digestOf('any') }],
    ['AGREED', verify, { ...onTrade, termsHash: digestOf('any') }],
    ['FUNDED', startDelivery, onTrade],
    ['DELIVERING', deliver, { ...onTrade, ...deliveryFacts }],
    ['DELIVERED', acceptDelivery, { ...onTrade, digest: digestOf('any') }],
    [
      'DELIVERED',
      rejectDelivery,
      { ...onTrade, ground: 'INCOMPLETE', evidenceCommitment: digestOf('any') },
    ],
    ['REJECTED', dispute, onTrade],
  ] as const;
  for (const [state, operation, command] of strangersAt) {
    it(`${operation.name} is refused to a stranger`, () => {
      const { ledger, actors } = worldAt(state);
      const { TRADING_NOT_PARTY } = tradingResults;
      ledger.refuse(
        TRADING_NOT_PARTY,
        operation as typeof cancel,
        actors.stranger,
        command as never,
      );
    });
  }

  it('are refused for a trade that does not exist', () => {
    const { ledger, actors } = makeWorld();
    ledger.refuse(tradingResults.TRADING_NOT_FOUND, settle, actors.operator, onTrade);
  });
});

describe('clearance', () => {
  it('is refused to a reviewer with the beneficial owner of a party', () => {
    const { ledger, actors } = worldAt('ACCEPTED');
    const { TRADING_REVIEWER_RELATED } = tradingResults;
    ledger.refuse(TRADING_REVIEWER_RELATED, clear, actors.rival, onTrade);
    ledger.refuse(TRADING_REVIEWER_RELATED, refuseClearance, actors.rival, {
      ...onTrade,
      reason: 'none',
    });
    const own = { ...actors.buyer, roles: ['REVIEWER'] } as const;
    ledger.refuse(TRADING_REVIEWER_RELATED, clear, own, onTrade);
  });

  it('looks at rights, listing and standing as they are now', () => {
    const world = worldAt('ACCEPTED');
    const { ledger, actors } = world;
    const registration = ledger.get(registrationRecord, 'registration-1');
    ledger.put(registrationRecord, { ...registration, state: 'EXPIRED' });
    ledger.refuse(tradingResults.TRADING_RIGHTS_NOT_ACTIVE, clear, actors.reviewer, onTrade);
    ledger.put(listingRecord, { ...listing, state: 'DELISTED' });
    ledger.refuse(tradingResults.TRADING_LISTING_NOT_LISTED, clear, actors.reviewer, onTrade);
    suspend(world, 'buyer');
    ledger.refuse(tradingResults.TRADING_PARTY_STANDING, clear, actors.reviewer, onTrade);
  });
});

describe('an agreement', () => {
  it('is of exactly these terms', () => {
    const { ledger, actors } = worldAt('COMPLIANCE_CLEARED');
    ledger.refuse(tradingResults.TRADING_TERMS_HASH_MISMATCH, sign, actors.buyer, {
      ...onTrade,
      termsHash: digestOf('other'),
    });
    const agreed = worldAt('AGREED');
    agreed.ledger.refuse(tradingResults.TRADING_TERMS_HASH_MISMATCH, verify, agreed.actors.buyer, {
      ...onTrade,
      termsHash: digestOf('other'),
    });
  });

  it('takes one signature of each party', () => {
    const world = play(worldAt('COMPLIANCE_CLEARED'), ['sign-seller']);
    const { ledger, actors } = world;
    ledger.refuse(tradingResults.TRADING_ALREADY_SIGNED, sign, actors.seller, {
      ...onTrade,
      termsHash: hashToSign(world, 'trade-1'),
    });
    play(world, ['sign-buyer']);
    const { agreement } = tradeOf(world);
    expect(agreement).to.deep.include({
      revisionRoot: listing.revisionRoot,
      termsHash: hashToSign(world, 'trade-1'),
      buyerKeyId: actors.buyer.keyId,
      sellerKeyId: actors.seller.keyId,
      buyerState: 'ACTIVE',
      sellerState: 'ACTIVE',
      valuationId: null,
    });
  });

  it('is made and verified while both parties stand and the listing is as it was', () => {
    const world = worldAt('COMPLIANCE_CLEARED');
    const { ledger, actors } = world;
    const signed = { ...onTrade, termsHash: hashToSign(world, 'trade-1') };
    ledger.put(listingRecord, { ...listing, revision: 4 });
    ledger.refuse(tradingResults.TRADING_LISTING_CHANGED, sign, actors.buyer, signed);
    suspend(world, 'seller');
    ledger.refuse(tradingResults.TRADING_PARTY_STANDING, sign, actors.buyer, signed);
    const agreed = worldAt('AGREED');
    suspend(agreed, 'seller');
    agreed.ledger.refuse(
      tradingResults.TRADING_PARTY_STANDING,
      verify,
      agreed.actors.buyer,
      signed,
    );
  });

  it('ends unfunded by either party, terminated rather than cancelled', () => {
    const world = worldAt('AGREED');
    const { ledger, actors } = world;
    ledger.accept(cancel, actors.seller, { ...onTrade, reason: 'second thoughts' });
    expect(tradeOf(world).state).to.equal('TERMINATED');
    expect(tradeOf(world).ending).to.include({ organisationId: 'seller' });
    expect(ledger.nextDeadlineMs, 'no deadline is left').to.equal(null);
  });

  it('outlives an edit of the listing: the buyer keeps the terms', () => {
    const world = worldAt('AGREED');
    world.ledger.put(listingRecord, { ...listing, revision: 4, state: 'DRAFT' });
    play(world, ['verify', 'fund', 'start-delivery', 'deliver', 'accept-delivery', 'settle']);
    expect(tradeOf(world).listingRevision).to.equal(3);
  });
});

describe('funding', () => {
  const pay = (amountFen: bigint) => ({ ...onTrade, amountFen, ...reference });

  it('takes the exact total', () => {
    const { ledger, actors } = worldAt('VERIFIED');
    const { TRADING_ESCROW_INSUFFICIENT, TRADING_ESCROW_EXCESSIVE } = tradingResults;
    ledger.refuse(TRADING_ESCROW_INSUFFICIENT, fund, actors.bank, pay(10_599_999n));
    ledger.refuse(TRADING_ESCROW_EXCESSIVE, fund, actors.bank, pay(10_600_001n));
    ledger.accept(fund, actors.bank, pay(10_600_000n));
    ledger.refuse(tradingResults.TRADING_STATE, fund, actors.bank, pay(10_600_000n));
  });

  it('is refused to another bank than the agreed one, and while a party is suspended', () => {
    const world = worldAt('VERIFIED');
    const { ledger, actors } = world;
    const other = tradingResults.TRADING_BANK_NOT_AGREED;
    ledger.refuse(other, fund, actors.otherBank, pay(10_600_000n));
    suspend(world, 'seller');
    ledger.refuse(tradingResults.TRADING_PARTY_STANDING, fund, actors.bank, pay(10_600_000n));
  });

  it('is refused where one bank would hold too much', () => {
    const { ledger, actors } = worldAt('VERIFIED');
    ledger.put(accountRecord, {
      id: 'client-money-bank',
      kind: 'CLIENT_MONEY',
      holder: 'bank',
      normalSide: 'DEBIT',
      currency: 'CNY',
      balanceFen: 99_999_999_999_999n,
      changedAtMs: ledger.timeMs,
    });
    ledger.refuse(tradingResults.TRADING_BANK_LIMIT, fund, actors.bank, pay(10_600_000n));
    const account = ledger.get(accountRecord, 'client-money-bank');
    ledger.put(accountRecord, { ...account, balanceFen: 99_999_989_400_000n });
    ledger.accept(fund, actors.bank, pay(10_600_000n));
  });
});

describe('a delivery', () => {
  it('has the registered fingerprint, while the registration is active', () => {
    const { ledger, actors } = worldAt('DELIVERING');
    for (const other of [{ rowsRoot: digestOf('x') }, { contentCommitment: digestOf('x') }]) {
      ledger.refuse(tradingResults.TRADING_FINGERPRINT_MISMATCH, deliver, actors.seller, {
        ...onTrade,
        ...deliveryFacts,
        ...other,
      });
    }
    const registration = ledger.get(registrationRecord, 'registration-1');
    ledger.put(registrationRecord, { ...registration, state: 'DEREGISTERED' });
    ledger.refuse(tradingResults.TRADING_RIGHTS_NOT_ACTIVE, deliver, actors.seller, {
      ...onTrade,
      ...deliveryFacts,
    });
  });

  it('is accepted by its digest', () => {
    const { ledger, actors } = worldAt('DELIVERED');
    ledger.refuse(tradingResults.TRADING_DELIVERY_MISMATCH, acceptDelivery, actors.buyer, {
      ...onTrade,
      digest: digestOf('other'),
    });
  });

  it('of a compute trade is no file', () => {
    const way = waysTo.DELIVERING.filter((step) => step !== 'request');
    const { ledger, actors } = play(makeWorld(), ['request-compute', ...way]);
    ledger.refuse(tradingResults.TRADING_PURPOSE_MISMATCH, deliver, actors.seller, {
      ...onTrade,
      ...deliveryFacts,
    });
  });
});

describe('a ruling', () => {
  it('refunds no more than was paid in', () => {
    const { ledger, actors } = worldAt('DISPUTED');
    ledger.refuse(tradingResults.TRADING_REFUND_OUT_OF_RANGE, ruleDispute, actors.operator, {
      ...onTrade,
      refundFen: 10_600_001n,
      reason: 'too much',
    });
  });
});

describe('the roles of trading', () => {
  it('are asked of every operation', () => {
    for (const { name, roles } of tradingRoom.operations) expect(roles, name).not.to.be.empty;
  });
});
