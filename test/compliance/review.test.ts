import { expect } from 'chai';
import type { Actor } from '../../src/base/room.ts';
import { chair } from '../../src/compliance/chair.ts';
import { commit } from '../../src/compliance/commit.ts';
import { decisionCommitment } from '../../src/compliance/decision.ts';
import { open } from '../../src/compliance/open.ts';
import { evidenceRootOf } from '../../src/compliance/outcome.ts';
import { complianceResults as results } from '../../src/compliance/results.ts';
import { reveal } from '../../src/compliance/reveal.ts';
import { complianceRoom } from '../../src/compliance/room.ts';
import {
  reviewStates,
  type ReviewDecision,
  type ReviewState,
} from '../../src/compliance/schema.ts';
import { reviewRecord } from '../../src/compliance/state.ts';
import { reviewTransitions } from '../../src/compliance/transitions.ts';
import { organisationRecord } from '../../src/identity/state.ts';
import { listingRoom } from '../../src/listing/room.ts';
import type { Listing } from '../../src/listing/schema.ts';
import { listingRecord } from '../../src/listing/state.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { digestOf, listingId, listingLedger, submitted } from '../listing/fixture.ts';

const reviewId = 'review-1';
const rooms = [listingRoom, complianceRoom];

function waiting() {
  const all = submitted({ rooms });
  const { ledger } = all;
  const reviewer = (id: string, beneficialOwner: string | null = `Owner of ${id}`): Actor =>
    ledger.admit(id, ['REVIEWER'], { beneficialOwner });
  return {
    ...all,
    reviewer,
    first: reviewer('reviewer-1'),
    second: reviewer('reviewer-2'),
    third: reviewer('reviewer-3'),
    review: () => ledger.get(reviewRecord, reviewId),
  };
}

type All = ReturnType<typeof waiting>;

function opened(): All {
  const all = waiting();
  all.ledger.accept(open, all.first, { reviewId, listingId });
  return all;
}

const secretOf = (actor: Actor, decision: ReviewDecision) => ({
  decision,
  reason: `${actor.organisationId} says ${decision}`,
  salt: digestOf(actor.organisationId),
});

function commitTo({ ledger }: All, actor: Actor, decision: ReviewDecision): void {
  const { salt, reason } = secretOf(actor, decision);
  const commitment = decisionCommitment(salt, reviewId, decision, reason);
  ledger.accept(commit, actor, { reviewId, commitment });
}

const revealTo = ({ ledger }: All, actor: Actor, decision: ReviewDecision) =>
  ledger.accept(reveal, actor, { reviewId, ...secretOf(actor, decision) });

/** Both have committed to these decisions. */
function committed(first: ReviewDecision, second: ReviewDecision): All {
  const all = opened();
  commitTo(all, all.first, first);
  commitTo(all, all.second, second);
  return all;
}

function decided(first: ReviewDecision, second: ReviewDecision): All {
  const all = committed(first, second);
  revealTo(all, all.second, second);
  revealTo(all, all.first, first);
  return all;
}

describe('opening a review', () => {
  it('records the revision, the rule pack and the automatic checks', () => {
    const { review, listing } = opened();
    const made = review();
    expect(made.state).to.equal('OPEN');
    expect(made.revisionRoot).to.equal(listing().revisionRoot);
    expect([made.rulePackId, made.seller]).to.deep.equal(['demo', 'seller']);
    expect(made.automatic).to.have.length(9);
    expect(made.automatic.every(({ passed }) => passed)).to.equal(true);
    expect(listing().reviewId).to.equal(reviewId);
  });

  it('fails at once where the seller has been suspended', () => {
    const { ledger, first, review } = waiting();
    ledger.put(organisationRecord, {
      ...ledger.get(organisationRecord, 'seller'),
      state: 'SUSPENDED',
    });
    ledger.accept(open, first, { reviewId, listingId });
    expect(review().automatic[0]).to.deep.equal({
      check: 'seller-in-good-standing',
      passed: false,
    });
    expect(review().state).to.equal('FAILED');
  });

  const abroad: [string[], Partial<Listing['personalInformation']>, string | null][] = [
    [['CN'], { contains: true, sensitive: true, peopleCount: 10_000 }, null],
    [['CN', 'US'], {}, 'EXEMPT'],
    [['US'], { contains: true, peopleCount: 100_000 }, 'STANDARD_CONTRACT_OR_CERTIFICATION'],
    [['US'], { contains: true, sensitive: true, peopleCount: 10_000 }, 'SECURITY_ASSESSMENT'],
  ];
  for (const [territory, people, tier] of abroad) {
    it(`of ${people.peopleCount ?? 0} people for ${territory.join(', ')} notes ${tier}`, () => {
      const { ledger, first, review, listing } = waiting();
      const { terms, personalInformation } = listing();
      ledger.put(listingRecord, {
        ...listing(),
        terms: { ...terms, territory },
        personalInformation: { ...personalInformation, ...people },
      });
      ledger.accept(open, first, { reviewId, listingId });
      expect(review().exportTierAtLeast).to.equal(tier);
    });
  }

  it('fails at once where a right has lapsed since submission', () => {
    const { ledger, first, review, listing, registration } = waiting();
    ledger.put(registrationRecord, { ...registration(), state: 'DEREGISTERED' });
    ledger.accept(open, first, { reviewId, listingId });
    expect(review().state).to.equal('FAILED');
    expect(listing().state).to.equal('DRAFT');
    expect(ledger.nextDeadlineMs).to.equal(null);
  });

  it('is refused for an unknown listing, one that waits for none, and a second time', () => {
    const { ledger, first } = opened();
    ledger.refuse(results.COMPLIANCE_REVIEW_EXISTS, open, first, { reviewId, listingId });
    ledger.refuse(results.COMPLIANCE_LISTING_STATE, open, first, {
      reviewId: 'review-2',
      listingId,
    });
    ledger.refuse(results.COMPLIANCE_LISTING_NOT_FOUND, open, first, {
      reviewId: 'review-2',
      listingId: 'nowhere',
    });
    const fresh = listingLedger({ rooms });
    const reviewer = fresh.ledger.admit('reviewer-1', ['REVIEWER']);
    const command = { reviewId, listingId };
    fresh.ledger.refuse(results.COMPLIANCE_LISTING_NOT_FOUND, open, reviewer, command);
  });
});

describe('four eyes', () => {
  it('list a product that both pass', () => {
    const { ledger, review, listing } = decided('PASS', 'PASS');
    expect(review().state).to.equal('PASSED');
    expect(review().decidedAtMs).to.equal(ledger.timeMs);
    expect(listing().state).to.equal('LISTED');
    expect(listing().listedAtMs).to.equal(ledger.timeMs);
    expect(ledger.eventNames.slice(-3)).to.deep.equal([
      'compliance.decision-revealed',
      'compliance.review-passed',
      'listing.listed',
    ]);
    expect(ledger.nextDeadlineMs).to.equal(null);
  });

  it('return a product that both fail', () => {
    const { ledger, review, listing } = decided('FAIL', 'FAIL');
    expect(review().state).to.equal('FAILED');
    expect(listing().state).to.equal('DRAFT');
    expect(ledger.eventNames.at(-1)).to.equal('listing.returned');
  });

  it('call a third organisation where they differ, and its word decides', () => {
    for (const decision of ['PASS', 'FAIL'] as const) {
      const all = decided('PASS', 'FAIL');
      expect(all.review().state).to.equal('SPLIT');
      expect(all.listing().state).to.equal('COMPLIANCE_REVIEW');
      all.ledger.accept(chair, all.third, { reviewId, decision, reason: 'Looked myself' });
      expect(all.review().state).to.equal(decision === 'PASS' ? 'PASSED' : 'FAILED');
      expect(all.listing().state).to.equal(decision === 'PASS' ? 'LISTED' : 'DRAFT');
      expect(all.review().chair?.organisationId).to.equal('reviewer-3');
    }
  });

  it('see nothing of each other before both have committed', () => {
    const all = opened();
    commitTo(all, all.first, 'PASS');
    const secret = { reviewId, ...secretOf(all.first, 'PASS') };
    all.ledger.refuse(results.COMPLIANCE_STATE, reveal, all.first, secret);
    expect(all.review().decisions[0]).to.include({ decision: null, reason: null });
  });

  it('do not outweigh an automatic check that has come to fail', () => {
    const all = committed('PASS', 'PASS');
    all.ledger.put(registrationRecord, { ...all.registration(), state: 'EXPIRED' });
    revealTo(all, all.first, 'PASS');
    revealTo(all, all.second, 'PASS');
    expect(all.review().state).to.equal('FAILED');
    expect(all.listing().state).to.equal('DRAFT');
    expect(all.review().automatic[1]).to.deep.equal({
      check: 'registration-in-force',
      passed: false,
    });
  });
});

describe('a reviewer', () => {
  const command = { reviewId, commitment: digestOf('commitment') };

  it('has no part in the listing', () => {
    const all = opened();
    const { ledger, listing } = all;
    const conflict = results.COMPLIANCE_CONFLICT_OF_INTEREST;
    const seller: Actor = { ...all.seller, roles: ['REVIEWER'] };
    ledger.refuse(conflict, commit, seller, command);
    ledger.refuse(conflict, commit, all.reviewer('sister', 'Owner of the seller'), command);
    ledger.refuse(conflict, commit, all.reviewer('law-firm'), command);
    const { legalOpinion } = listing();
    if (!legalOpinion) throw new Error('the fixture has an opinion');
    ledger.put(listingRecord, {
      ...listing(),
      legalOpinion: { ...legalOpinion, issuer: 'Zhong & Partners' },
    });
    const named = ledger.admit('zhong', ['REVIEWER'], { name: 'Zhong & Partners' });
    ledger.refuse(conflict, commit, named, command);
    ledger.accept(commit, all.reviewer('ownerless', null), command);
  });

  it('is no author of the legal opinion, however that is spelled, nor of its author’s house', () => {
    const all = opened();
    const { ledger, listing } = all;
    const conflict = results.COMPLIANCE_CONFLICT_OF_INTEREST;
    const issuedBy = (issuer: string): void => {
      const { legalOpinion } = listing();
      if (!legalOpinion) throw new Error('the fixture has an opinion');
      ledger.put(listingRecord, { ...listing(), legalOpinion: { ...legalOpinion, issuer } });
    };
    const named = ledger.admit('zhong', ['REVIEWER'], { name: 'Zhong & Partners' });
    for (const issuer of ['zhong & partners', ' Zhong  & Partners ', 'ZHONG & PARTNERS']) {
      issuedBy(issuer);
      ledger.refuse(conflict, commit, named, command);
    }
    ledger.refuse(conflict, commit, all.reviewer('daughter', 'Zhong & Partners'), command);
    ledger.admit('law-house', ['ADMIN'], { beneficialOwner: 'Old Zhong' });
    issuedBy('law-house');
    ledger.refuse(conflict, commit, all.reviewer('brother', 'Old Zhong'), command);
    ledger.accept(commit, named, command);
  });

  it('is independent of the other one, and so is the chair of both', () => {
    const all = opened();
    commitTo(all, all.first, 'PASS');
    const close = results.COMPLIANCE_NOT_INDEPENDENT;
    all.ledger.refuse(close, commit, all.first, command);
    all.ledger.refuse(close, commit, all.reviewer('twin', 'Owner of reviewer-1'), command);
    const split = decided('PASS', 'FAIL');
    const decision = { reviewId, decision: 'PASS' as const, reason: 'Because' };
    split.ledger.refuse(close, chair, split.second, decision);
    const sister = split.reviewer('sister', 'Owner of the seller');
    split.ledger.refuse(results.COMPLIANCE_CONFLICT_OF_INTEREST, chair, sister, decision);
  });

  it('cannot copy the commitment of the other one', () => {
    const { ledger, first, second } = opened();
    ledger.accept(commit, first, command);
    ledger.refuse(results.COMPLIANCE_COMMITMENT_COPIED, commit, second, command);
  });

  it('reveals once, himself, and exactly what he committed to', () => {
    const all = committed('PASS', 'PASS');
    const secret = { reviewId, ...secretOf(all.first, 'PASS') };
    const mismatch = results.COMPLIANCE_COMMITMENT_MISMATCH;
    all.ledger.refuse(mismatch, reveal, all.first, { ...secret, decision: 'FAIL' });
    all.ledger.refuse(mismatch, reveal, all.first, { ...secret, reason: 'Another' });
    all.ledger.refuse(mismatch, reveal, all.first, { ...secret, salt: digestOf('other') });
    all.ledger.refuse(results.COMPLIANCE_NOT_COMMITTED, reveal, all.third, secret);
    revealTo(all, all.first, 'PASS');
    all.ledger.refuse(results.COMPLIANCE_ALREADY_REVEALED, reveal, all.first, secret);
  });
});

describe('a review that is not decided in time', () => {
  const stages: [string, () => All][] = [
    ['open', opened],
    ['committed', () => committed('PASS', 'PASS')],
    ['split', () => decided('PASS', 'FAIL')],
  ];
  for (const [stage, make] of stages) {
    it(`expires while ${stage}, and the listing goes back`, () => {
      const { ledger, review, listing } = make();
      const dueAtMs = review().dueAtMs;
      ledger.advanceTo(dueAtMs - 1);
      expect(listing().state).to.equal('COMPLIANCE_REVIEW');
      ledger.advanceTo(dueAtMs);
      expect(review().state).to.equal('EXPIRED');
      expect(listing().state).to.equal('DRAFT');
    });
  }

  it('leaves nothing due once it is decided', () => {
    const { ledger, review, listing } = decided('PASS', 'PASS');
    ledger.advanceTo(review().dueAtMs);
    expect([review().state, listing().state]).to.deep.equal(['PASSED', 'LISTED']);
  });
});

describe('the evidence root', () => {
  it('is recomputed from the review, and changes with each part of it', () => {
    const { review } = decided('PASS', 'PASS');
    const ended = review();
    expect(ended.evidenceRoot).to.equal(evidenceRootOf(ended));
    const [first, ...others] = ended.decisions;
    if (!first) throw new Error('there are two decisions');
    const changed = [
      { ...ended, listingRevision: 2 },
      { ...ended, automatic: ended.automatic.slice(1) },
      { ...ended, decisions: [{ ...first, reason: 'Another' }, ...others] },
    ];
    const roots = new Set([ended, ...changed].map(evidenceRootOf));
    expect(roots.size).to.equal(4);
  });
});

describe('every state of a review by every operation', () => {
  const needs = {
    commit: ['commit'],
    reveal: ['reveal-first'],
    chair: ['chair-pass'],
  } as const;
  const run: Record<keyof typeof needs, (all: All) => ReturnType<All['ledger']['apply']>> = {
    commit: ({ ledger, third }) =>
      ledger.apply(commit, third, { reviewId, commitment: digestOf('third') }),
    reveal: (all) =>
      all.ledger.apply(reveal, all.first, { reviewId, ...secretOf(all.first, 'PASS') }),
    chair: ({ ledger, third }) =>
      ledger.apply(chair, third, { reviewId, decision: 'PASS', reason: 'Because' }),
  };
  /** As a review stands in that state: no decision is made in OPEN, one in COMMITTED_ONE. */
  function standing(state: ReviewState): All {
    const all = committed('PASS', 'PASS');
    const { decisions } = all.review();
    const kept = { OPEN: 0, COMMITTED_ONE: 1 }[state as string] ?? 2;
    all.ledger.put(reviewRecord, {
      ...all.review(),
      state,
      decisions: decisions.slice(0, kept),
    });
    return all;
  }
  for (const state of reviewStates) {
    for (const [operation, [verb]] of Object.entries(needs)) {
      const allowed = reviewTransitions[state][verb] !== undefined;
      it(`${state} by ${operation}: ${allowed ? 'allowed' : 'refused'}`, () => {
        const outcome = run[operation as keyof typeof needs](standing(state));
        expect(outcome.ok ? 'ok' : outcome.result.name).to.equal(
          allowed ? 'ok' : 'COMPLIANCE_STATE',
        );
      });
    }
  }

  it('nothing is done to a review that is not there', () => {
    const { ledger, first } = waiting();
    const missing = results.COMPLIANCE_REVIEW_NOT_FOUND;
    ledger.refuse(missing, commit, first, { reviewId, commitment: digestOf('any') });
    ledger.refuse(missing, reveal, first, { reviewId, ...secretOf(first, 'PASS') });
    ledger.refuse(missing, chair, first, { reviewId, decision: 'PASS', reason: 'Because' });
  });
});
