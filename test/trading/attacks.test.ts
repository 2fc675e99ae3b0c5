/** What a party might try that no counterparty would notice: each was possible once. */
import { expect } from 'chai';
import { listingRecord } from '../../src/listing/state.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { sign } from '../../src/trading/agreement/sign.ts';
import { fund } from '../../src/trading/escrow/fund.ts';
import { reversePayOut } from '../../src/trading/escrow/pay-out.ts';
import { use } from '../../src/trading/licence/use.ts';
import { counter } from '../../src/trading/negotiation/counter.ts';
import { offer } from '../../src/trading/negotiation/offer.ts';
import { request } from '../../src/trading/negotiation/request.ts';
import { clear } from '../../src/trading/agreement/clear.ts';
import { ruleDispute } from '../../src/trading/dispute/rule-dispute.ts';
import { tradingResults } from '../../src/trading/results.ts';
import { usesCountable } from '../../src/trading/schema.ts';
import { accountRecord, licenceRecord, tradeRecord } from '../../src/trading/state.ts';
import type { Valuation } from '../../src/pricing/schema.ts';
import { valuationRecord } from '../../src/pricing/state.ts';
import { testTimeMs } from '../support/ledger.ts';
import { digestOf, fileTerms, listing, priceFen } from './sample-product.ts';
import {
  fileRequest,
  hashToSign,
  licenceOf,
  makeWorld,
  play,
  tradeOf,
  worldAt,
  type World,
} from './trading-world.ts';

const onTrade = { tradeId: 'trade-1' };
const reference = { referenceCommitment: digestOf('reference') };

const loseRights = ({ ledger }: World): void =>
  ledger.put(registrationRecord, {
    ...ledger.get(registrationRecord, 'registration-1'),
    state: 'DEREGISTERED',
  });

describe('a buyer who counts uses of a licence without a quota', () => {
  it('comes to the end of what can be counted, and halts no chain', () => {
    const world = worldAt('SETTLED');
    const { ledger, actors } = world;
    const licence = licenceOf(world);
    const unlimited = { ...licence, terms: { ...licence.terms, usesMax: null } };
    ledger.put(licenceRecord, { ...unlimited, uses: usesCountable - 1, nextNonce: 7 });
    const report = { licenceId: 'trade-1', permission: 'USE', nonce: 7 } as const;
    ledger.refuse(tradingResults.LICENCE_EXHAUSTED, use, actors.buyer, { ...report, count: 2 });
    ledger.accept(use, actors.buyer, { ...report, count: 1 });
    expect(licenceOf(world).state).to.equal('EXHAUSTED');
  });
});

describe('a bank that pays out and reverses again and again', () => {
  const latest = (world: World): string => `trade-1-posting-${tradeOf(world).postingCount}`;

  it('is stopped before the trade can hold no more postings', () => {
    const world = play(worldAt('SETTLED'), ['pay-seller']);
    const { ledger, actors } = world;
    const reverse = () =>
      ledger.apply(reversePayOut, actors.bank, { postingId: latest(world), ...reference });
    ledger.put(tradeRecord, { ...tradeOf(world), postingCount: 998 });
    const { settlement } = tradeOf(world);
    if (!settlement) throw new Error('it is settled');
    expect(reverse().ok, 'the posting in force is another').to.equal(false);
    const inForce = { postingId: 'trade-1-posting-3', ...reference };
    ledger.accept(reversePayOut, actors.bank, inForce);
    play(world, ['pay-seller']);
    const again = { postingId: latest(world), ...reference };
    const exhausted = tradingResults.TRADING_REVERSALS_EXHAUSTED;
    ledger.refuse(exhausted, reversePayOut, actors.bank, again);
  });

  it('does not get more into its account than a bank may hold', () => {
    const world = play(worldAt('SETTLED'), ['pay-seller']);
    const { ledger, actors } = world;
    const account = ledger.get(accountRecord, 'client-money-bank');
    ledger.put(accountRecord, { ...account, balanceFen: 99_999_999_999_999n });
    ledger.refuse(tradingResults.TRADING_BANK_LIMIT, reversePayOut, actors.bank, {
      postingId: latest(world),
      ...reference,
    });
  });
});

describe('a seller whose right ends while the trade is under way', () => {
  const gone = tradingResults.TRADING_RIGHTS_NOT_ACTIVE;

  it('gets no signature under it', () => {
    const world = worldAt('COMPLIANCE_CLEARED');
    const { ledger, actors } = world;
    loseRights(world);
    const signed = { ...onTrade, termsHash: hashToSign(world, 'trade-1') };
    for (const party of [actors.buyer, actors.seller]) ledger.refuse(gone, sign, party, signed);
  });

  it('gets no money for it', () => {
    const world = worldAt('VERIFIED');
    loseRights(world);
    const paid = { ...onTrade, amountFen: tradeOf(world).totalFen, ...reference };
    world.ledger.refuse(gone, fund, world.actors.bank, paid);
  });
});

describe('a bank of a party’s beneficial owner', () => {
  it('is agreed on for none of its trades', () => {
    const world = worldAt('REQUESTED');
    const { ledger, actors } = world;
    const { turn, priceFen, terms } = tradeOf(world);
    const proposal = { ...onTrade, turn, priceFen, terms, valuationId: null };
    for (const owner of ['Owner of the seller', 'owner of the  BUYER', 'seller']) {
      ledger.admit('house-bank', ['BANK'], { beneficialOwner: owner });
      const named = { ...proposal, bank: 'house-bank' };
      ledger.refuse(tradingResults.TRADING_BANK_RELATED, offer, actors.seller, named);
    }
    ledger.accept(offer, actors.seller, { ...proposal, bank: 'other-bank' });
  });
});

describe('an admitted bank that the parties did not agree on', () => {
  it('funds no trade, and the agreed one does', () => {
    const world = worldAt('VERIFIED');
    const { ledger, actors } = world;
    const paid = { ...onTrade, amountFen: tradeOf(world).totalFen, ...reference };
    const detail = ledger.refuse(
      tradingResults.TRADING_BANK_NOT_AGREED,
      fund,
      actors.otherBank,
      paid,
    );
    expect(detail).to.equal('Trade trade-1: bank.');
    ledger.accept(fund, actors.bank, paid);
  });

  it('is not slipped in between the last proposal and the signatures', () => {
    const world = worldAt('OFFERED');
    const { ledger, actors } = world;
    const { priceFen, terms } = tradeOf(world);
    const seen = hashToSign(world, 'trade-1');
    const named = { ...onTrade, turn: 2, priceFen, terms, bank: 'other-bank' };
    ledger.accept(counter, actors.buyer, named);
    expect(hashToSign(world, 'trade-1')).not.to.equal(seen);
    play(world, ['offer', 'accept-offer', 'clear']);
    const mismatch = tradingResults.TRADING_TERMS_HASH_MISMATCH;
    ledger.refuse(mismatch, sign, actors.seller, { ...onTrade, termsHash: seen });
    play(world, ['sign-seller', 'sign-buyer', 'verify']);
    const paid = { ...onTrade, amountFen: tradeOf(world).totalFen, ...reference };
    ledger.refuse(tradingResults.TRADING_BANK_NOT_AGREED, fund, actors.bank, paid);
    ledger.accept(fund, actors.otherBank, paid);
  });
});

describe('a seller who edits between request and signature', () => {
  it('changes nothing of what is signed: the revision of the trade is signed or none', () => {
    const world = worldAt('COMPLIANCE_CLEARED');
    const { ledger, actors } = world;
    const signed = { ...onTrade, termsHash: hashToSign(world, 'trade-1') };
    ledger.put(listingRecord, { ...listing, revision: 4, revisionRoot: digestOf('other') });
    const changed = tradingResults.TRADING_LISTING_CHANGED;
    ledger.refuse(changed, sign, actors.buyer, signed);
    expect(hashToSign(world, 'trade-1')).to.equal(signed.termsHash);
  });
});

describe('a seller whose legal opinion runs out', () => {
  const expired = tradingResults.TRADING_LEGAL_OPINION_EXPIRED;
  const opinionUntil = ({ ledger }: World, validUntilMs: number): void =>
    ledger.put(listingRecord, {
      ...listing,
      legalOpinion: { digest: digestOf('opinion'), issuer: 'law-firm', validUntilMs },
    });

  it('is asked for nothing more after its last moment', () => {
    const world = makeWorld();
    const { ledger, actors } = world;
    const asked = { ...onTrade, ...fileRequest };
    opinionUntil(world, ledger.timeMs - 1);
    ledger.refuse(expired, request, actors.buyer, asked);
    opinionUntil(world, ledger.timeMs);
    ledger.accept(request, actors.buyer, asked);
  });

  it('gets no clearance and no signature on it', () => {
    const accepted = worldAt('ACCEPTED');
    opinionUntil(accepted, accepted.ledger.timeMs - 1);
    accepted.ledger.refuse(expired, clear, accepted.actors.reviewer, onTrade);
    const cleared = worldAt('COMPLIANCE_CLEARED');
    opinionUntil(cleared, cleared.ledger.timeMs - 1);
    const signed = { ...onTrade, termsHash: hashToSign(cleared, 'trade-1') };
    cleared.ledger.refuse(expired, sign, cleared.actors.seller, signed);
  });
});

const confirmed = {
  id: 'valuation-1',
  state: 'CONFIRMED',
  subjectId: 'listing-1',
  subjectRevision: 3,
  method: 'COST',
  methodVersion: 1,
  inputsCommitment: digestOf('inputs'),
  holders: ['buyer'],
  resultFen: priceFen,
  appraiser: 'appraiser',
  confirmations: [{ organisationId: 'buyer', resultFen: priceFen, atMs: testTimeMs }],
  submittedAtMs: testTimeMs,
  withdrawalReason: null,
} satisfies Valuation;

describe('a seller whose valuation is contested after the offer', () => {
  const contested = (world: World): void =>
    world.ledger.put(valuationRecord, { ...confirmed, state: 'CONTESTED' });

  const rested = (): World => {
    const world = worldAt('REQUESTED');
    const { ledger, actors } = world;
    ledger.put(valuationRecord, confirmed);
    ledger.accept(offer, actors.seller, {
      ...onTrade,
      turn: 1,
      priceFen,
      terms: fileTerms,
      bank: 'bank',
      valuationId: confirmed.id,
    });
    return play(world, ['accept-offer']);
  };
  const unfit = tradingResults.TRADING_VALUATION_UNFIT;

  it('gets no clearance', () => {
    const world = rested();
    contested(world);
    world.ledger.refuse(unfit, clear, world.actors.reviewer, onTrade);
  });

  it('gets no signature under it, and one under a valuation that stands', () => {
    const world = play(rested(), ['clear']);
    const signed = { ...onTrade, termsHash: hashToSign(world, 'trade-1') };
    contested(world);
    world.ledger.refuse(unfit, sign, world.actors.buyer, signed);
    world.ledger.put(valuationRecord, confirmed);
    world.ledger.accept(sign, world.actors.buyer, signed);
  });
});

describe('an operator of a party’s house who rules its dispute', () => {
  const ruling = (refundFen: bigint) => ({ ...onTrade, refundFen, reason: 'as found' });
  const related = tradingResults.TRADING_OPERATOR_RELATED;
  const house = (world: World, beneficialOwner: string) =>
    world.ledger.admit('operator', ['OPERATOR'], { beneficialOwner });

  it('gives the seller of its house nothing', () => {
    const world = worldAt('DISPUTED');
    const operator = house(world, 'Owner of the seller');
    const { totalFen } = tradeOf(world);
    for (const refundFen of [0n, 1n, totalFen - 1n]) {
      world.ledger.refuse(related, ruleDispute, operator, ruling(refundFen));
    }
    world.ledger.accept(ruleDispute, operator, ruling(totalFen));
  });

  it('gives the buyer of its house nothing', () => {
    const world = worldAt('DISPUTED');
    const operator = house(world, 'buyer');
    const { totalFen } = tradeOf(world);
    for (const refundFen of [1n, totalFen]) {
      world.ledger.refuse(related, ruleDispute, operator, ruling(refundFen));
    }
    world.ledger.accept(ruleDispute, operator, ruling(0n));
  });
});
