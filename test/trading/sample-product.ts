/** A registration and a listing that trades of the tests are about. */
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import type { LicenceTerms, Listing } from '../../src/listing/schema.ts';
import type { Registration } from '../../src/rights/schema.ts';
import { testTimeMs } from '../support/ledger.ts';

export const digestOf = (name: string): Hex => sha256Hex(utf8(name));

export const priceFen = 10_000_000n;

export const fileTerms: LicenceTerms = {
  purposes: ['RESEARCH'],
  permissions: ['USE'],
  territory: ['CN'],
  durationDays: 365,
  usesMax: 10,
};

export const computeTerms: LicenceTerms = {
  ...fileTerms,
  permissions: ['EXECUTE'],
  usesMax: 2,
};

export const registration: Registration = {
  id: 'registration-1',
  state: 'ACTIVE',
  applicant: 'seller',
  registrar: 'registrar',
  name: 'Strikes',
  overview: 'Strikes of birds',
  industry: 'G56',
  source: 'COLLECTED',
  origin: 'OWN_COLLECTION',
  region: 'US',
  coverageFrom: '1990-01-01',
  coverageTo: '2002-12-31',
  updateFrequency: 'ONCE',
  volumeRows: 10_000,
  form: 'TABLE',
  restrictions: null,
  rights: { hold: true, use: true, operate: true },
  fingerprint: {
    rows: 10_000,
    columns: 14,
    contentCommitment: digestOf('content'),
    rowsRoot: digestOf('rows'),
  },
  evidence: [{ kind: 'OTHER', commitment: digestOf('evidence') }],
  parentRegistrationId: null,
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
};

export const listing: Listing = {
  id: 'listing-1',
  state: 'LISTED',
  revision: 3,
  revisionRoot: digestOf('revision'),
  seller: 'seller',
  registrationId: 'registration-1',
  kind: 'DATASET',
  title: 'Bird strikes',
  summary: 'Strikes of birds',
  industry: 'G56',
  coverage: { from: '1990-01-01', to: '2002-12-31', region: 'US', population: 'Flights' },
  columns: [
    { name: 'Cost', type: 'INTEGER', meaning: 'money.cost', sensitivity: 'GENERAL' },
    { name: 'Phase', type: 'TEXT', meaning: 'event.phase', sensitivity: 'QUASI_IDENTIFIER' },
  ],
  updateFrequency: 'once',
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
    commitment: digestOf('sample'),
    quasiIdentifiers: ['Phase'],
  },
  level: 'GENERAL',
  personalInformation: { contains: false, sensitive: false, peopleCount: 0 },
  legalOpinion: null,
  price: { model: 'FIXED', amountFen: priceFen },
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
  sampleProof: null,
  listedAtMs: testTimeMs,
  reviewId: null,
  changedAtMs: testTimeMs,
};
