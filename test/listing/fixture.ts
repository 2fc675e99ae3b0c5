/** A ledger with the listing room, its parties, a registration in force and facts that fit. */
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import type { Actor } from '../../src/base/room.ts';
import { draft } from '../../src/listing/draft.ts';
import { proveSample } from '../../src/listing/prove-sample.ts';
import { listingRoom } from '../../src/listing/room.ts';
import type { Listing, ListingFacts, WholeFile } from '../../src/listing/schema.ts';
import { listingRecord } from '../../src/listing/state.ts';
import { submitForReview } from '../../src/listing/submit-for-review.ts';
import type { Registration } from '../../src/rights/schema.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { facts as rightsFacts } from '../rights/fixture.ts';
import {
  memoryLedger,
  testTimeMs,
  type MemoryLedger,
  type MemoryLedgerOptions,
} from '../support/ledger.ts';

export const digestOf = (name: string): string => sha256Hex(utf8(name));

export const listingId = 'listing-1';
export const registrationId = 'registration-1';
/** The fixture's verifier decides; the verifier's own tests are in test/privacy/zk. */
export const proof = '00'.repeat(256);

export const facts: ListingFacts = {
  kind: 'DATASET',
  title: 'Bird strikes',
  summary: 'Reports of aircraft that struck birds',
  industry: 'G56',
  coverage: { from: '1990-01-01', to: '2002-12-31', region: 'US', population: 'Flights' },
  columns: [
    { name: 'State', type: 'TEXT', meaning: 'place.state', sensitivity: 'QUASI_IDENTIFIER' },
    { name: 'Phase', type: 'TEXT', meaning: 'event.phase', sensitivity: 'QUASI_IDENTIFIER' },
    { name: 'Pilot', type: 'TEXT', meaning: 'person.name', sensitivity: 'DIRECT_IDENTIFIER' },
    { name: 'Date', type: 'DATE', meaning: 'time.date', sensitivity: 'GENERAL' },
    { name: 'Cost', type: 'INTEGER', meaning: 'money.cost', sensitivity: 'GENERAL' },
  ],
  updateFrequency: 'ONCE',
  delivery: ['FILE', 'COMPUTE'],
  quality: {
    rows: 10_000,
    completeness: 9000,
    accuracy: 9000,
    consistency: 9000,
    regularity: 9000,
    timeliness: 9000,
    accessibility: 10_000,
    reportCommitment: digestOf('report'),
  },
  sample: {
    circuitId: 'k-anonymity-512-k5',
    rows: 512,
    commitment: `00${'11'.repeat(31)}`,
    quasiIdentifiers: ['State', 'Phase'],
  },
  level: 'GENERAL',
  personalInformation: { contains: false, sensitive: false, peopleCount: 0 },
  legalOpinion: {
    digest: digestOf('opinion'),
    issuer: 'law-firm',
    validUntilMs: testTimeMs + 86_400_000,
  },
  price: { model: 'FIXED', amountFen: 10_000_000n },
  computeOffer: {
    functionId: 'group-sum',
    valueColumn: 'Cost',
    groupColumn: 'Phase',
    amountFen: 1_000_000n,
    usesMax: 3,
  },
  terms: {
    purposes: ['RESEARCH', 'STATISTICS'],
    permissions: ['USE', 'DERIVE'],
    territory: ['CN', 'US'],
    durationDays: 730,
    usesMax: 100,
  },
};

/** What the whole file of these facts comes to: half of its rows can be told apart. */
export const wholeFile: WholeFile = {
  rows: 10_000,
  quality: {
    completeness: 9000,
    accuracy: 9000,
    consistency: 9000,
    regularity: 9000,
    timeliness: 9000,
    accessibility: 10_000,
  },
  anonymity: {
    columns: ['State', 'Phase'],
    leftOut: 1_000,
    k: 1,
    uniqueRows: 5_000,
    smallest: [
      { rows: 1, classes: 5_000 },
      { rows: 4, classes: 1_000 },
    ],
  },
};

export interface Listings {
  readonly ledger: MemoryLedger;
  readonly seller: Actor;
  readonly stranger: Actor;
  readonly listing: () => Listing;
  readonly registration: () => Registration;
}

export function listingLedger(options: MemoryLedgerOptions = {}): Listings {
  const ledger = memoryLedger({ rooms: [listingRoom], ...options });
  const seller = ledger.admit('seller', ['SELLER'], { beneficialOwner: 'Owner of the seller' });
  const stranger = ledger.admit('stranger', ['SELLER']);
  ledger.put(registrationRecord, {
    ...rightsFacts,
    id: registrationId,
    state: 'ACTIVE',
    applicant: 'seller',
    registrar: 'registrar',
    submittedAtMs: testTimeMs,
    dueAtMs: null,
    reviewExtended: false,
    reviewLeft: null,
    publicityEndsAtMs: null,
    publicityWaiver: null,
    openObjections: 0,
    objectionIds: [],
    decisionReason: null,
    certificateNumber: null,
    validFromMs: testTimeMs,
    validToMs: null,
  });
  return {
    ledger,
    seller,
    stranger,
    listing: () => ledger.get(listingRecord, listingId),
    registration: () => ledger.get(registrationRecord, registrationId),
  };
}

/** With a draft of these facts. */
export function drafted(changed: Partial<ListingFacts> = {}, options: MemoryLedgerOptions = {}) {
  const all = listingLedger(options);
  all.ledger.accept(draft, all.seller, { listingId, registrationId, ...facts, ...changed });
  return all;
}

/** With a proved draft. */
export function proved(changed: Partial<ListingFacts> = {}, options: MemoryLedgerOptions = {}) {
  const all = drafted(changed, options);
  all.ledger.accept(proveSample, all.seller, { listingId, proof });
  return all;
}

/** With a listing that waits for its review. */
export function submitted(options: MemoryLedgerOptions = {}) {
  const all = proved({}, options);
  all.ledger.accept(submitForReview, all.seller, { listingId });
  return all;
}
