import { columnTypes, sensitivities } from '../base/columns.ts';
import {
  bytes,
  country,
  digest,
  fen,
  flag,
  identifier,
  integer,
  isoDate,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  Type,
  type Static,
} from '../base/schema.ts';

export const productKinds = [
  'DATASET',
  'API',
  'REPORT',
  'VISUALISATION',
  'INDEX',
  'ENCRYPTED_DATA',
  'MODEL',
  'PRIVACY_COMPUTE_JOB',
] as const;

export const listingStates = [
  'DRAFT',
  'COMPLIANCE_REVIEW',
  'LISTED',
  'SUSPENDED',
  'DELISTED',
] as const;
export type ListingState = (typeof listingStates)[number];

export const deliveryModes = ['FILE', 'API', 'COMPUTE'] as const;

/** GB/T 43697-2024: 一般, 重要, 核心. Core data is untradable. */
export const dataLevels = ['GENERAL', 'IMPORTANT', 'CORE'] as const;

/** Models that a price can have so far; the others of pricing.md join this list at its end. */
export const priceModels = ['FREE', 'FIXED'] as const;

/** Values of the ODRL left operand `purpose`. */
export const purposes = [
  'RESEARCH',
  'STATISTICS',
  'SAFETY',
  'PRODUCT_DEVELOPMENT',
  'INTERNAL_OPERATIONS',
  'RISK_CONTROL',
  'MARKETING',
  'PUBLIC_SERVICE',
] as const;

/** Actions of ODRL 2.2: use, execute, derive, grantUse, sell, distribute. */
export const permissions = ['USE', 'EXECUTE', 'DERIVE', 'GRANT_USE', 'SELL', 'DISTRIBUTE'] as const;

const basisPoints = (description: string) => integer(0, 10_000, `${description}, in 1/10,000`);

/** Revisions of one listing at most, so that no edit leaves what a record can say. */
export const revisionsMax = 1_000_000;

/** The terms of a licence, on offer or agreed; `trading` uses the same record. */
export const licenceTermsSchema = record({
  purposes: list(oneOf(purposes), 1, purposes.length),
  permissions: list(oneOf(permissions), 1, permissions.length),
  /** ODRL `spatial`. */
  territory: list(country(), 1, 64),
  /** ODRL `elapsedTime`, from the activation of the licence. */
  durationDays: integer(
    1,
    36_500,
    'Calendar days from the activation of the licence; by machine version 1 from its issue',
  ),
  /** ODRL `count`; null is without a quota. */
  usesMax: nullable(integer(1, 1_000_000_000, 'Quota of uses')),
});
export type LicenceTerms = Static<typeof licenceTermsSchema>;

export const columnSchema = record({
  name: text(60, 'Column name as in the header row'),
  type: oneOf(columnTypes),
  meaning: Type.String({
    maxLength: 60,
    pattern: '^[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*$',
    description: 'What the column says, as the rule pack names it: place.state, time.date',
    'x-form': 'two names in lower case with a dot between them, at most 60 characters',
    examples: ['place.state'],
  }),
  sensitivity: oneOf(sensitivities),
});
export type Column = Static<typeof columnSchema>;

/** The six criteria, as `data/profile` defines them and measures them of the whole file. */
export const qualitySchema = record({
  rows: integer(0, Number.MAX_SAFE_INTEGER, 'Rows that were measured'),
  completeness: basisPoints('Cells that hold a value'),
  accuracy: basisPoints('Present values of the column’s type'),
  consistency: basisPoints('Rows that repeat no earlier row'),
  regularity: basisPoints('Present values written in their type’s canonical form'),
  timeliness: basisPoints('Dated rows that lie within the coverage'),
  accessibility: basisPoints('Rows with exactly the columns of the schema'),
  reportCommitment: digest('Salted commitment to the whole report'),
});
export type Quality = Static<typeof qualitySchema>;

export const sampleSchema = record({
  circuitId: identifier('Circuit of the statement, as the rule pack names it'),
  rows: integer(1, 65_536),
  commitment: digest('Commitment of the column: 32-byte big-endian field element, hex'),
  /** Columns in the policy's order, then any further ones that are tagged QUASI_IDENTIFIER. */
  quasiIdentifiers: list(text(60, 'Column name'), 0, 64),
});

const measured = () => nullable(integer(0, 10_000, 'In 1/10,000; null: not measurable'));

/** What the whole file comes to, measured by its seller: nobody else has it before a delivery. */
const wholeFile = {
  rows: integer(1, 1_000_000_000, 'Of the whole file, as registered'),
  quality: record({
    completeness: measured(),
    accuracy: measured(),
    consistency: measured(),
    regularity: measured(),
    timeliness: measured(),
    accessibility: measured(),
  }),
  anonymity: record({
    /** As the sample's statement names them. */
    columns: list(text(60, 'Column name'), 0, 64),
    leftOut: integer(
      0,
      1_000_000_000,
      'Rows with a missing quasi-identifier, which are in no class',
    ),
    k: nullable(integer(1, 1_000_000_000, 'Rows of the smallest class; null: no class')),
    uniqueRows: nullable(integer(0, 1_000_000_000, 'Rows alone in their class; null: no class')),
    /** The smallest sizes of classes, ascending. */
    smallest: list(
      record({ rows: integer(1, 1_000_000_000), classes: integer(1, 1_000_000_000) }),
      0,
      5,
    ),
  }),
};

export const listingProfileSchema = record({
  id: identifier('Listing'),
  revision: integer(1, revisionsMax),
  seller: identifier('Organisation'),
  ...wholeFile,
  /** Of this revision, whose proof is held to it: as the rules said when this was stated. */
  sample: record({
    circuitId: identifier('Circuit of the statement'),
    rows: integer(1, 65_536, 'Of the sample'),
    k: integer(2, 1000, 'Rows of each class of the sample, at least'),
    rulePackId: identifier('Pack that admits it'),
    rulePackVersion: text(40),
  }),
  statedAtMs: timeMs(),
});
export type ListingProfile = Static<typeof listingProfileSchema>;

export const stateProfileCommand = record({ listingId: identifier(), ...wholeFile });
export type WholeFile = Omit<Static<typeof stateProfileCommand>, 'listingId'>;

export const computeOfferSchema = record({
  functionId: identifier('Function that a compute job evaluates'),
  valueColumn: text(60, 'Column that is summed'),
  groupColumn: text(60, 'Column that is grouped by'),
  amountFen: fen('Price of one compute licence, fen, before VAT'),
  usesMax: integer(1, 1_000_000, 'Jobs that one licence covers'),
});

/** What the seller says of the product; a change of any of it is a new revision. */
const listingFacts = {
  kind: oneOf(productKinds),
  title: text(80),
  summary: text(2000),
  industry: text(10, 'GB/T 4754 code', 'G56'),
  coverage: record({
    from: isoDate(),
    to: isoDate(),
    region: text(200),
    population: text(200, 'Whom or what the rows are about'),
  }),
  columns: list(columnSchema, 1, 256),
  updateFrequency: text(40),
  delivery: list(oneOf(deliveryModes), 1, deliveryModes.length),
  quality: qualitySchema,
  sample: sampleSchema,
  level: oneOf(dataLevels),
  personalInformation: record({
    contains: flag(),
    sensitive: flag(),
    peopleCount: integer(0, Number.MAX_SAFE_INTEGER, 'Natural persons that the rows are about'),
  }),
  legalOpinion: nullable(
    record({
      digest: digest('SHA-256 of the opinion'),
      issuer: text(200, 'Organisation id on this exchange, else the name of the firm'),
      validUntilMs: timeMs('Last moment of validity, ms since the epoch'),
    }),
  ),
  price: record({ model: oneOf(priceModels), amountFen: fen('Price, fen, before VAT') }),
  computeOffer: nullable(computeOfferSchema),
  terms: licenceTermsSchema,
};

/** Exactly what `revisionRoot` is the hash of: see revisionRootOf in state.ts. */
export const listingRevisionSchema = record({
  listingId: identifier(),
  revision: integer(1, revisionsMax),
  seller: identifier('Organisation'),
  registrationId: identifier(),
  ...listingFacts,
});
export type ListingRevision = Static<typeof listingRevisionSchema>;

export const listingSchema = record({
  id: identifier(),
  state: oneOf(listingStates),
  revision: integer(1, revisionsMax, 'From 1; each edit is a new one'),
  revisionRoot: digest('Hash of this revision’s terms'),
  seller: identifier('Organisation'),
  registrationId: identifier('Rights registration that the product rests on'),
  ...listingFacts,
  sampleProof: nullable(bytes(256, 256, 'Verified Groth16 proof of the sample, raw, hex')),
  listedAtMs: nullable(timeMs('When this revision was listed')),
  reviewId: nullable(identifier('Latest compliance review')),
  changedAtMs: timeMs(),
});
export type Listing = Static<typeof listingSchema>;

export const draftCommand = record({
  listingId: identifier(),
  registrationId: identifier(),
  ...listingFacts,
});

export const editCommand = record({ listingId: identifier(), ...listingFacts });

export type ListingFacts = Omit<Static<typeof editCommand>, 'listingId'>;

export const proveSampleCommand = record({
  listingId: identifier(),
  proof: bytes(256, 256, 'Groth16 proof, A ‖ B ‖ C as raw big-endian coordinates, hex'),
});

export const listingCommand = record({ listingId: identifier() });

export const listingReasonCommand = record({ listingId: identifier(), reason: text(400) });
