import { expect } from 'chai';
import { organisationRecord } from '../../src/identity/state.ts';
import { listingRecord } from '../../src/listing/state.ts';
import { valuationRecord } from '../../src/pricing/state.ts';
import { clear } from '../../src/trading/agreement/clear.ts';
import { sign } from '../../src/trading/agreement/sign.ts';
import { acceptOffer } from '../../src/trading/negotiation/accept-offer.ts';
import { counter } from '../../src/trading/negotiation/counter.ts';
import { offer } from '../../src/trading/negotiation/offer.ts';
import { request } from '../../src/trading/negotiation/request.ts';
import { tradingResults } from '../../src/trading/results.ts';
import { tradeRecord } from '../../src/trading/state.ts';
import { computeTerms, digestOf, fileTerms, listing, priceFen } from './sample-product.ts';
import {
  fileRequest,
  hashToSign,
  makeWorld,
  play,
  tradeOf,
  worldAt,
  type World,
} from './trading-world.ts';

const onTrade = { tradeId: 'trade-1' };
const asked = { ...onTrade, ...fileRequest };

const suspend = ({ ledger }: World, id: string): void =>
  ledger.put(organisationRecord, { ...ledger.get(organisationRecord, id), state: 'SUSPENDED' });

describe('a request', () => {
  it('is refused for a trade that exists', () => {
    const { ledger, actors } = worldAt('REQUESTED');
    ledger.refuse(tradingResults.TRADING_EXISTS, request, actors.buyer, asked);
  });

  it('is refused for a listing that is unknown, not listed, or of another revision', () => {
    const { ledger, actors } = makeWorld();
    const unknown = { ...asked, listingId: 'listing-9' };
    ledger.refuse(tradingResults.TRADING_LISTING_NOT_FOUND, request, actors.buyer, unknown);
    const old = { ...asked, listingRevision: 2 };
    ledger.refuse(tradingResults.TRADING_LISTING_CHANGED, request, actors.buyer, old);
    ledger.put(listingRecord, { ...listing, state: 'SUSPENDED' });
    ledger.refuse(tradingResults.TRADING_LISTING_NOT_LISTED, request, actors.buyer, asked);
  });

  it('is refused to the seller itself, and while the seller is suspended', () => {
    const world = makeWorld();
    const { ledger, actors } = world;
    const both = { ...actors.seller, roles: ['SELLER', 'BUYER'] } as const;
    ledger.refuse(tradingResults.TRADING_OWN_LISTING, request, both, asked);
    suspend(world, 'seller');
    ledger.refuse(tradingResults.TRADING_PARTY_STANDING, request, actors.buyer, asked);
  });

  it('is refused for a price of nothing or beyond the largest', () => {
    const { ledger, actors } = makeWorld();
    for (const price of [0n, 100_000_000_001n]) {
      ledger.refuse(tradingResults.TRADING_PRICE_OUT_OF_RANGE, request, actors.buyer, {
        ...asked,
        priceFen: price,
      });
    }
  });

  it('is refused for a bank that is none, is suspended, or belongs to a party', () => {
    const world = makeWorld();
    const { ledger, actors } = world;
    const { TRADING_BANK_UNFIT: unfit, TRADING_BANK_RELATED: related } = tradingResults;
    for (const bank of ['reviewer', 'seller', 'nobody-at-all']) {
      ledger.refuse(unfit, request, actors.buyer, { ...asked, bank });
    }
    ledger.admit('house-bank', ['BANK'], { beneficialOwner: 'buyer' });
    ledger.refuse(related, request, actors.buyer, { ...asked, bank: 'house-bank' });
    suspend(world, 'bank');
    ledger.refuse(unfit, request, actors.buyer, asked);
    ledger.accept(request, actors.buyer, { ...asked, bank: 'other-bank' });
    expect(tradeOf(world).bank).to.equal('other-bank');
  });

  it('is refused for a purpose that is not on offer', () => {
    const { ledger, actors } = makeWorld();
    const compute = { ...asked, purpose: 'COMPUTE', terms: computeTerms } as const;
    ledger.put(listingRecord, { ...listing, delivery: ['COMPUTE'] });
    ledger.refuse(tradingResults.TRADING_PURPOSE_NOT_OFFERED, request, actors.buyer, asked);
    ledger.put(listingRecord, { ...listing, delivery: ['FILE'] });
    ledger.refuse(tradingResults.TRADING_PURPOSE_NOT_OFFERED, request, actors.buyer, compute);
    ledger.put(listingRecord, { ...listing, computeOffer: null });
    ledger.refuse(tradingResults.TRADING_PURPOSE_NOT_OFFERED, request, actors.buyer, compute);
    ledger.put(listingRecord, { ...listing, price: { model: 'FREE', amountFen: 0n } });
    ledger.refuse(tradingResults.TRADING_PURPOSE_NOT_OFFERED, request, actors.buyer, asked);
  });

  const excesses = [
    ['a purpose', { purposes: ['MARKETING'] }],
    ['a purpose named twice', { purposes: ['RESEARCH', 'RESEARCH'] }],
    ['a permission', { permissions: ['SELL'] }],
    ['execution of a file', { permissions: ['EXECUTE'] }],
    ['a territory', { territory: ['DE'] }],
    ['a duration', { durationDays: 731 }],
    ['a quota', { usesMax: 101 }],
    ['no quota at all', { usesMax: null }],
  ] as const;
  for (const [what, excess] of excesses) {
    it(`is refused for terms beyond the offer: ${what}`, () => {
      const { ledger, actors } = makeWorld();
      const terms = { ...fileTerms, ...excess } as typeof fileTerms;
      ledger.refuse(tradingResults.TRADING_TERMS_EXCEEDED, request, actors.buyer, {
        ...asked,
        terms,
      });
    });
  }

  it('is accepted at the very edge of the offer', () => {
    const { ledger, actors } = makeWorld();
    ledger.accept(request, actors.buyer, { ...asked, terms: listing.terms });
  });
});

describe('a negotiation', () => {
  const proposal = { ...onTrade, turn: 1, priceFen, terms: fileTerms, bank: 'bank' };

  it('answers the present turn and no other', () => {
    const { ledger, actors } = worldAt('REQUESTED');
    const stale = { ...proposal, turn: 2, valuationId: null };
    ledger.refuse(tradingResults.TRADING_TURN_STALE, offer, actors.seller, stale);
    const later = worldAt('OFFERED');
    later.ledger.refuse(tradingResults.TRADING_TURN_STALE, acceptOffer, later.actors.buyer, {
      ...onTrade,
      turn: 1,
    });
    later.ledger.refuse(tradingResults.TRADING_TURN_STALE, counter, later.actors.buyer, proposal);
  });

  it('ends after forty turns', () => {
    const world = worldAt('OFFERED');
    while (tradeOf(world).turn < 40) play(world, ['counter', 'offer']);
    const { ledger, actors } = world;
    const next = { ...proposal, turn: 40 };
    ledger.refuse(tradingResults.TRADING_TURNS_EXHAUSTED, counter, actors.buyer, next);
    play(world, ['accept-offer']);
  });

  it('settles on a bank turn by turn, and is neither cleared nor signed once that one is suspended', () => {
    const world = worldAt('REQUESTED');
    const { ledger, actors } = world;
    const other = { ...proposal, bank: 'other-bank' };
    ledger.accept(offer, actors.seller, { ...other, valuationId: null });
    expect(tradeOf(world).bank).to.equal('other-bank');
    const unfit = tradingResults.TRADING_BANK_UNFIT;
    const none = { ...proposal, turn: 2, bank: 'reviewer' };
    ledger.refuse(unfit, counter, actors.buyer, none);
    play(world, ['accept-offer']);
    suspend(world, 'other-bank');
    ledger.refuse(unfit, clear, actors.reviewer, onTrade);
    const bank = ledger.get(organisationRecord, 'other-bank');
    ledger.put(organisationRecord, { ...bank, state: 'ACTIVE' });
    play(world, ['clear']);
    suspend(world, 'other-bank');
    const signed = { ...onTrade, termsHash: hashToSign(world, 'trade-1') };
    ledger.refuse(unfit, sign, actors.buyer, signed);
  });

  it('stops when the listing is edited or taken down', () => {
    const { ledger, actors } = worldAt('REQUESTED');
    ledger.put(listingRecord, { ...listing, revision: 4 });
    const answer = { ...proposal, valuationId: null };
    ledger.refuse(tradingResults.TRADING_LISTING_CHANGED, offer, actors.seller, answer);
  });

  it('may rest on a valuation of the same revision that an unrelated party confirmed', () => {
    const { ledger, actors } = worldAt('REQUESTED');
    const answer = { ...proposal, valuationId: 'valuation-1' };
    const unfit = tradingResults.TRADING_VALUATION_UNFIT;
    ledger.refuse(unfit, offer, actors.seller, answer);
    const valuation = {
      id: 'valuation-1',
      state: 'CONFIRMED',
      subjectId: 'listing-1',
      subjectRevision: 3,
      method: 'COST',
      methodVersion: 1,
      inputsCommitment: digestOf('inputs'),
      holders: ['buyer', 'sister', 'twin'],
      resultFen: priceFen,
      appraiser: 'appraiser',
      confirmations: [],
      submittedAtMs: ledger.timeMs,
      withdrawalReason: null,
    } as const;
    const put = (facts: object) =>
      ledger.put(valuationRecord, {
        ...valuation,
        holders: ['buyer'],
        confirmations: [],
        ...facts,
      });
    put({ state: 'SUBMITTED' });
    ledger.refuse(unfit, offer, actors.seller, answer);
    put({ subjectRevision: 2 });
    ledger.refuse(unfit, offer, actors.seller, answer);
    put({ subjectId: 'listing-2' });
    ledger.refuse(unfit, offer, actors.seller, answer);
    put({});
    ledger.refuse(unfit, offer, actors.seller, answer);
    const by = (organisationId: string, resultFen = priceFen) => ({
      confirmations: [{ organisationId, resultFen, atMs: ledger.timeMs }],
    });
    ledger.admit('appraiser', ['APPRAISER'], { beneficialOwner: 'Owner of the appraiser' });
    ledger.admit('twin', ['APPRAISER'], { beneficialOwner: 'Owner of the appraiser' });
    ledger.admit('sister', ['APPRAISER'], { beneficialOwner: ' owner  of the Seller' });
    for (const own of ['seller', 'sister', 'appraiser', 'twin']) {
      put(by(own));
      ledger.refuse(unfit, offer, actors.seller, answer);
    }
    put(by('buyer', 1n));
    ledger.refuse(unfit, offer, actors.seller, answer);
    put({ ...by('buyer'), appraiser: 'sister' });
    ledger.refuse(unfit, offer, actors.seller, answer);
    put(by('buyer'));
    ledger.accept(offer, actors.seller, answer);
    expect(ledger.get(tradeRecord, 'trade-1').valuationId).to.equal('valuation-1');
  });
});
