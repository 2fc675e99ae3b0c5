import { expect } from 'chai';
import { toJson } from '../../src/base/codec.ts';
import { agreedTermsSchema, type AgreedTerms } from '../../src/trading/schema.ts';
import { agreedTermsOf, termsHash, tradeCertificateNumber } from '../../src/trading/types.ts';
import { defaultRules, testRules } from '../support/rules.ts';
import { digestOf } from './sample-product.ts';
import { hashToSign, letPass, makeWorld, play, tradeOf, waysTo, worldAt } from './trading-world.ts';

const terms = (): AgreedTerms => agreedTermsOf('dxl-test', tradeOf(worldAt('ACCEPTED')));

describe('the terms that are signed', () => {
  it('do not change from the acceptance of the offer on', () => {
    const world = worldAt('ACCEPTED');
    const signed = hashToSign(world, 'trade-1');
    play(world, ['clear', 'sign-seller', 'sign-buyer', 'verify', 'fund', 'start-delivery']);
    expect(hashToSign(world, 'trade-1')).to.equal(signed);
    expect(tradeOf(world).agreement?.termsHash).to.equal(signed);
  });

  it('have another hash for a change of any field', () => {
    const base = terms();
    const other: AgreedTerms = {
      chainId: 'another-chain',
      tradeId: 'trade-2',
      purpose: 'COMPUTE',
      buyer: 'another-buyer',
      seller: 'another-seller',
      bank: 'another-bank',
      listingId: 'listing-2',
      listingRevision: 4,
      revisionRoot: digestOf('other'),
      registrationId: 'registration-2',
      terms: { ...base.terms, durationDays: 1 },
      compute: { functionId: 'group-sum', valueColumn: 'a', groupColumn: 'b' },
      priceFen: 1n,
      vatFen: 1n,
      feeFen: 1n,
      totalFen: 1n,
      valuationId: 'valuation-1',
    };
    const hashes = Object.keys(base).map((field) =>
      termsHash({ ...base, [field]: other[field as keyof AgreedTerms] }),
    );
    expect(new Set([termsHash(base), ...hashes]).size).to.equal(Object.keys(base).length + 1);
  });

  it('can be read as JSON', () => {
    expect(toJson(agreedTermsSchema, terms())).to.deep.include({
      chainId: 'dxl-test',
      totalFen: '10600000',
      compute: null,
    });
  });

  it('keep their hash over releases', () => {
    expect(termsHash(terms())).to.equal(
      '2a8fc2041bbee278d1c9c1257a9f2eff4dc35ae990ba053e8082a13466f79973',
    );
  });
});

describe('a trade certificate', () => {
  it('has a number of the month and of what was signed', () => {
    const world = worldAt('CERTIFIED');
    const { agreement, certificate } = tradeOf(world);
    expect(certificate?.number).to.equal(
      `TC-202603-${agreement?.termsHash.slice(0, 12).toUpperCase()}`,
    );
  });

  it('is of the month in the calendar’s own offset', () => {
    // 2026-03-31 16:00 UTC is 2026-04-01 00:00 in China.
    const midnight = Date.UTC(2026, 2, 31, 16);
    const hash = '0123456789ab'.padEnd(64, '0');
    const number = (atMs: number) => tradeCertificateNumber(hash, atMs, testRules.calendar);
    expect(number(midnight)).to.equal('TC-202604-0123456789AB');
    expect(number(midnight - 1)).to.equal('TC-202603-0123456789AB');
  });
});

describe('a trade under the rules of the law', () => {
  it('is settled by silence alone once it is delivered', () => {
    const world = play(makeWorld(defaultRules), waysTo.DELIVERED);
    letPass(world);
    expect(tradeOf(world)).to.include({ state: 'ACCEPTED_BY_BUYER' });
    expect(tradeOf(world).acceptance?.by).to.equal('SILENCE');
    letPass(world);
    expect(tradeOf(world).state).to.equal('SETTLED');
    play(world, ['certify', 'pay-seller']);
  });

  it('has deadlines at the end of a day', () => {
    for (const state of ['REQUESTED', 'AGREED', 'FUNDED', 'DELIVERED', 'DISPUTED'] as const) {
      const world = play(makeWorld(defaultRules), waysTo[state]);
      const dayMs = 86_400_000;
      const offsetMs = defaultRules.calendar.offsetMinutes * 60_000;
      expect(((tradeOf(world).dueAtMs ?? 0) + offsetMs) % dayMs, state).to.equal(0);
    }
  });
});
