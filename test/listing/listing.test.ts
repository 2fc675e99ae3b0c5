import { expect } from 'chai';
import { refuse, success } from '../../src/base/result.ts';
import { delist, resume, suspend } from '../../src/listing/change-availability.ts';
import { draft } from '../../src/listing/draft.ts';
import { edit } from '../../src/listing/edit.ts';
import { proveSample } from '../../src/listing/prove-sample.ts';
import { listingResults } from '../../src/listing/results.ts';
import {
  listingStates,
  revisionsMax,
  type Listing,
  type ListingFacts,
} from '../../src/listing/schema.ts';
import { listingRecord, revisionOf, revisionRootOf } from '../../src/listing/state.ts';
import { stateProfile } from '../../src/listing/state-profile.ts';
import { submitForReview } from '../../src/listing/submit-for-review.ts';
import { listingTransitions, type ListingVerb } from '../../src/listing/transitions.ts';
import { listingBinding } from '../../src/privacy/zk/statements/k-anonymity.ts';
import { zkResults } from '../../src/privacy/zk/results.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import {
  drafted,
  facts,
  listingId,
  listingLedger,
  proof,
  proved,
  registrationId,
  submitted,
  wholeFile,
} from './fixture.ts';

const column = (index: number, changed: Partial<ListingFacts['columns'][number]>) =>
  facts.columns.map((each, at) => (at === index ? { ...each, ...changed } : each));

describe('drafting a listing', () => {
  it('makes revision 1 with a root over its terms', () => {
    const { listing } = drafted();
    const made = listing();
    expect(made.state).to.equal('DRAFT');
    expect(made.revision).to.equal(1);
    expect(made.revisionRoot).to.equal(revisionRootOf(revisionOf(made)));
  });

  it('is refused on what is not the seller’s own right in force', () => {
    const { ledger, seller, stranger, registration } = listingLedger();
    const command = { listingId, registrationId, ...facts };
    ledger.refuse(listingResults.LISTING_RIGHT_MISSING, draft, stranger, command);
    ledger.refuse(listingResults.LISTING_REGISTRATION_NOT_FOUND, draft, seller, {
      ...command,
      registrationId: 'nowhere',
    });
    const held = registration();
    ledger.put(registrationRecord, { ...held, state: 'DEREGISTERED' });
    ledger.refuse(listingResults.LISTING_REGISTRATION_NOT_ACTIVE, draft, seller, command);
    ledger.put(registrationRecord, { ...held, rights: { ...held.rights, operate: false } });
    ledger.refuse(listingResults.LISTING_RIGHT_MISSING, draft, seller, command);
  });

  it('is refused under a used id', () => {
    const { ledger, seller } = drafted();
    const command = { listingId, registrationId, ...facts };
    ledger.refuse(listingResults.LISTING_EXISTS, draft, seller, command);
  });
});

const inconsistent: [string, keyof typeof listingResults, Partial<ListingFacts>][] = [
  ['a column twice', 'LISTING_COLUMN_REPEATED', { columns: column(1, { name: 'State' }) }],
  [
    'a sample of an unknown column',
    'LISTING_COLUMN_UNKNOWN',
    { sample: { ...facts.sample, quasiIdentifiers: ['Airport'] } },
  ],
  [
    'a quasi-identifier twice',
    'LISTING_VALUE_REPEATED',
    { sample: { ...facts.sample, quasiIdentifiers: ['State', 'State'] } },
  ],
  [
    'a purpose twice',
    'LISTING_VALUE_REPEATED',
    { terms: { ...facts.terms, purposes: ['RESEARCH', 'RESEARCH'] } },
  ],
  [
    'a coverage that runs backwards',
    'LISTING_COVERAGE',
    { coverage: { ...facts.coverage, to: '1989-12-31' } },
  ],
  [
    'a day that no calendar has',
    'LISTING_COVERAGE',
    { coverage: { ...facts.coverage, from: '1990-02-30' } },
  ],
  [
    'sensitive data of nobody',
    'LISTING_PERSONAL_INFORMATION',
    { personalInformation: { contains: false, sensitive: true, peopleCount: 0 } },
  ],
  [
    'personal information of nobody, which would leave the country unseen',
    'LISTING_PERSONAL_INFORMATION',
    { personalInformation: { contains: true, sensitive: true, peopleCount: 0 } },
  ],
  [
    'a compute offer whose groups are persons by name',
    'LISTING_COMPUTE_OFFER',
    { computeOffer: facts.computeOffer && { ...facts.computeOffer, groupColumn: 'Pilot' } },
  ],
  [
    'people without personal information',
    'LISTING_PERSONAL_INFORMATION',
    { personalInformation: { contains: false, sensitive: false, peopleCount: 9 } },
  ],
  ['a compute offer without its delivery', 'LISTING_COMPUTE_OFFER', { delivery: ['FILE'] }],
  ['compute delivery without an offer', 'LISTING_COMPUTE_OFFER', { computeOffer: null }],
  ['a sum of text', 'LISTING_COMPUTE_OFFER', { columns: column(4, { type: 'TEXT' }) }],
  ['a free price that costs', 'LISTING_PRICE', { price: { model: 'FREE', amountFen: 1n } }],
  ['a fixed price of nothing', 'LISTING_PRICE', { price: { model: 'FIXED', amountFen: 0n } }],
  [
    'a price above the rule pack',
    'LISTING_PRICE',
    { price: { model: 'FIXED', amountFen: 100_000_000_001n } },
  ],
];

describe('facts that contradict themselves', () => {
  for (const [what, code, changed] of inconsistent) {
    it(`are refused: ${what}`, () => {
      const { ledger, seller } = listingLedger();
      const command = { listingId, registrationId, ...facts, ...changed };
      ledger.refuse(listingResults[code], draft, seller, command);
    });
  }

  it('are refused in an edit too, and a free product is not', () => {
    const { ledger, seller } = drafted();
    const price = { model: 'FREE', amountFen: 1n } as const;
    ledger.refuse(listingResults.LISTING_PRICE, edit, seller, { listingId, ...facts, price });
    ledger.accept(edit, seller, { listingId, ...facts, price: { ...price, amountFen: 0n } });
  });
});

describe('a way of delivery that the exchange does not have', () => {
  const delivery = ['FILE', 'API', 'COMPUTE'] as const;

  it('is refused by version 2, in a draft and in an edit', () => {
    const { ledger, seller } = listingLedger();
    ledger.machineVersion = 2;
    const command = { listingId, registrationId, ...facts };
    const { LISTING_DELIVERY_UNAVAILABLE: unavailable } = listingResults;
    const detail = ledger.refuse(unavailable, draft, seller, {
      ...command,
      delivery: [...delivery],
    });
    expect(detail).to.equal('/delivery: API.');
    ledger.accept(draft, seller, command);
    ledger.refuse(unavailable, edit, seller, { listingId, ...facts, delivery: [...delivery] });
  });

  it('is listed by version 1, and never delivered', () => {
    const { ledger, seller } = listingLedger();
    const command = { listingId, registrationId, ...facts, delivery: [...delivery] };
    ledger.accept(draft, seller, command);
  });
});

describe('an edit', () => {
  it('is refused where no record could say its revision: that would halt the chain', () => {
    const { ledger, listing, seller } = drafted();
    ledger.put(listingRecord, { ...listing(), revision: revisionsMax - 1 });
    ledger.accept(edit, seller, { listingId, ...facts });
    const { LISTING_REVISIONS_EXHAUSTED } = listingResults;
    ledger.refuse(LISTING_REVISIONS_EXHAUSTED, edit, seller, { listingId, ...facts });
  });

  it('is a new revision in draft, with another root and without the proof', () => {
    const { ledger, seller, listing } = proved();
    const before = listing();
    ledger.put(listingRecord, { ...before, state: 'LISTED', listedAtMs: ledger.timeMs });
    ledger.accept(edit, seller, { listingId, ...facts, title: 'Bird strikes, corrected' });
    const after = listing();
    expect([after.state, after.revision, after.sampleProof, after.listedAtMs]).to.deep.equal([
      'DRAFT',
      2,
      null,
      null,
    ]);
    expect(after.revisionRoot).not.to.equal(before.revisionRoot);
    expect(after.revisionRoot).to.equal(revisionRootOf(revisionOf(after)));
  });
});

describe('the sample proof', () => {
  it('is verified against the commitment and the binding of this revision', () => {
    const asked: unknown[] = [];
    const { ledger, seller } = drafted(
      {},
      {
        verifyProof(circuitId, publics, bytes) {
          asked.push(circuitId, publics, bytes.length);
          return success;
        },
      },
    );
    ledger.accept(proveSample, seller, { listingId, proof });
    const circuitId = 'k-anonymity-512-k5';
    const binding = listingBinding({
      chainId: 'dxl-test',
      circuitId,
      listingId,
      revision: 1n,
      sellerOrgId: 'seller',
    });
    const commitment = BigInt(`0x${facts.sample.commitment}`);
    expect(asked).to.deep.equal([circuitId, [commitment, binding], 256]);
  });

  it('is refused with the verifier’s own code', () => {
    const verifyProof = () => refuse(zkResults.ZK_PROOF_INVALID, 'no');
    const { ledger, seller } = drafted({}, { verifyProof });
    ledger.refuse(zkResults.ZK_PROOF_INVALID, proveSample, seller, { listingId, proof });
  });

  it('is refused for a circuit that the rule pack does not name', () => {
    const { ledger, seller } = drafted({
      sample: { ...facts.sample, circuitId: 'k-anonymity-16-k3' },
    });
    const command = { listingId, proof };
    ledger.refuse(listingResults.LISTING_SAMPLE_POLICY, proveSample, seller, command);
  });
});

const unready: [string, keyof typeof listingResults, Partial<Listing>][] = [
  ['core data', 'LISTING_LEVEL_UNTRADABLE', { level: 'CORE' }],
  ['important data', 'LISTING_LEVEL_UNTRADABLE', { level: 'IMPORTANT' }],
  ['no legal opinion', 'LISTING_LEGAL_OPINION_MISSING', { legalOpinion: null }],
  [
    'an opinion that has run out',
    'LISTING_LEGAL_OPINION_MISSING',
    { legalOpinion: { digest: '11'.repeat(32), issuer: 'law-firm', validUntilMs: 1 } },
  ],
  ['a smaller sample', 'LISTING_SAMPLE_POLICY', { sample: { ...facts.sample, rows: 511 } }],
  [
    'an untagged quasi-identifier',
    'LISTING_QUASI_IDENTIFIER_MISSING',
    { columns: column(0, { sensitivity: 'GENERAL' }) },
  ],
  [
    'a quasi-identifier that the sample leaves out',
    'LISTING_QUASI_IDENTIFIER_MISSING',
    { sample: { ...facts.sample, quasiIdentifiers: ['State'] } },
  ],
  [
    'quasi-identifiers out of the policy’s order',
    'LISTING_QUASI_IDENTIFIER_MISSING',
    { sample: { ...facts.sample, quasiIdentifiers: ['Phase', 'State'] } },
  ],
  [
    'an untagged column in the sample',
    'LISTING_QUASI_IDENTIFIER_MISSING',
    { sample: { ...facts.sample, quasiIdentifiers: ['State', 'Phase', 'Date'] } },
  ],
  [
    'a name that is not tagged a direct identifier',
    'LISTING_FORBIDDEN_MEANING',
    { columns: column(2, { sensitivity: 'GENERAL' }) },
  ],
  [
    'a name in the sample',
    'LISTING_FORBIDDEN_MEANING',
    {
      columns: column(2, { sensitivity: 'QUASI_IDENTIFIER' }),
      sample: { ...facts.sample, quasiIdentifiers: ['State', 'Phase', 'Pilot'] },
    },
  ],
  ['no proof', 'LISTING_SAMPLE_UNPROVED', { sampleProof: null }],
];

describe('submitting for review', () => {
  it('waits for a review', () => {
    expect(submitted().listing().state).to.equal('COMPLIANCE_REVIEW');
  });

  for (const [what, code, changed] of unready) {
    it(`is refused: ${what}`, () => {
      const { ledger, seller, listing } = proved();
      ledger.put(listingRecord, { ...listing(), ...changed });
      ledger.refuse(listingResults[code], submitForReview, seller, { listingId });
    });
  }

  it('is refused once the registration is not in force, or no longer the seller’s', () => {
    const { ledger, seller, registration } = proved();
    const held = registration();
    const command = { listingId };
    ledger.put(registrationRecord, { ...held, state: 'EXPIRED' });
    const notActive = listingResults.LISTING_REGISTRATION_NOT_ACTIVE;
    ledger.refuse(notActive, submitForReview, seller, command);
    ledger.put(registrationRecord, { ...held, applicant: 'stranger' });
    ledger.refuse(listingResults.LISTING_RIGHT_MISSING, submitForReview, seller, command);
  });

  it('goes back to the seller where nobody opens a review in time', () => {
    const { ledger, listing } = submitted();
    const dueAtMs = ledger.nextDeadlineMs ?? 0;
    ledger.advanceTo(dueAtMs - 1);
    expect(listing().state).to.equal('COMPLIANCE_REVIEW');
    ledger.advanceTo(dueAtMs);
    expect(listing().state).to.equal('DRAFT');
    expect(listing().sampleProof, 'the proof still speaks of this revision').to.equal(proof);
  });
});

describe('a suspended listing', () => {
  it('comes back only while everything its review rested on holds', () => {
    const { ledger, seller, listing } = proved();
    ledger.put(listingRecord, { ...listing(), state: 'SUSPENDED' });
    const legalOpinion = { digest: '11'.repeat(32), issuer: 'law-firm', validUntilMs: 1 };
    const valid = listing();
    ledger.put(listingRecord, { ...valid, legalOpinion });
    const missing = listingResults.LISTING_LEGAL_OPINION_MISSING;
    ledger.refuse(missing, resume, seller, { listingId });
    ledger.put(listingRecord, valid);
    ledger.accept(resume, seller, { listingId });
    expect(listing().state).to.equal('LISTED');
  });
});

type All = ReturnType<typeof proved>;

const verbs: Record<ListingVerb, (all: All, actor: All['seller']) => ReturnType<typeof run>> = {
  edit: (all, actor) => run(all, all.ledger.apply(edit, actor, { listingId, ...facts })),
  'prove-sample': (all, actor) =>
    run(all, all.ledger.apply(proveSample, actor, { listingId, proof })),
  'state-profile': (all, actor) =>
    run(all, all.ledger.apply(stateProfile, actor, { listingId, ...wholeFile })),
  submit: (all, actor) => run(all, all.ledger.apply(submitForReview, actor, { listingId })),
  suspend: (all, actor) =>
    run(all, all.ledger.apply(suspend, actor, { listingId, reason: 'Repairs' })),
  resume: (all, actor) => run(all, all.ledger.apply(resume, actor, { listingId })),
  delist: (all, actor) => run(all, all.ledger.apply(delist, actor, { listingId, reason: 'Old' })),
};

const run = (all: All, outcome: ReturnType<All['ledger']['apply']>): [string, string] => [
  outcome.ok ? 'ok' : outcome.result.name,
  all.listing().state,
];

describe('every state of a listing by every verb', () => {
  for (const state of listingStates) {
    for (const verb of Object.keys(verbs) as ListingVerb[]) {
      const next = listingTransitions[state][verb];
      it(`${state} by ${verb}: ${next ?? 'refused'}`, () => {
        const all = proved();
        all.ledger.put(listingRecord, { ...all.listing(), state });
        const expected = next ? ['ok', next] : ['LISTING_STATE', state];
        expect(verbs[verb](all, all.seller)).to.deep.equal(expected);
      });
    }
  }

  for (const verb of Object.keys(verbs) as ListingVerb[]) {
    it(`${verb} is refused to another seller`, () => {
      const all = proved();
      expect(verbs[verb](all, all.stranger)).to.deep.equal(['LISTING_NOT_PARTY', 'DRAFT']);
    });
  }

  it('nothing is done to a listing that is not there', () => {
    const { ledger, seller } = listingLedger();
    const command = { listingId: 'nowhere' };
    ledger.refuse(listingResults.LISTING_NOT_FOUND, submitForReview, seller, command);
  });
});
