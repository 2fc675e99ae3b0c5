import { periodSchema } from '../base/rules.ts';
import {
  digest,
  flag,
  identifier,
  integer,
  isoDate,
  list,
  nullable,
  oneOf,
  patterned,
  record,
  text,
  timeMs,
  type Static,
} from '../base/schema.ts';

export const registrationStates = [
  'SUBMITTED',
  'RETURNED_FOR_FIX',
  'ACCEPTED',
  'UNDER_REVIEW',
  'PUBLICITY',
  'OBJECTED',
  'PUBLICITY_CLOSED',
  'ACTIVE',
  'REFUSED',
  'TERMINATED',
  'EXPIRED',
  'DEREGISTERED',
] as const;
export type RegistrationState = (typeof registrationStates)[number];

/** How the applicant came by the data: 采集, 公开爬取, 协议取得, 衍生. */
export const sources = ['COLLECTED', 'CRAWLED_PUBLIC', 'BY_AGREEMENT', 'DERIVED'] as const;

/** What decides which rights there can be: see origin-rights.ts. */
export const origins = [
  'OWN_COLLECTION',
  'AUTHORISED_COLLECTION',
  'CRAWLED_PUBLIC',
  'FUSED',
  'DERIVED',
  'ENTRUSTED',
  'GOVERNMENT',
  'PUBLIC_DATA_OPERATION',
] as const;
export type Origin = (typeof origins)[number];

export const evidenceKinds = [
  'LAWFUL_ACQUISITION',
  'SAMPLE',
  'DESCRIPTION',
  /** The product does not substantively substitute the crawled source. */
  'NON_SUBSTITUTION',
  /** Consent of the other parties to fused data. */
  'PARTIES_CONSENT',
  /** A licence to use the source of derived data. */
  'SOURCE_LICENCE',
  /** Law or contract that gives an entrusted processor rights. */
  'CONTRACT_GRANT',
  'PUBLIC_DATA_REGISTRATION',
  'OTHER',
] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

export const updateFrequencies = [
  'ONCE',
  'REAL_TIME',
  'HOURLY',
  'DAILY',
  'WEEKLY',
  'MONTHLY',
  'QUARTERLY',
  'YEARLY',
  'IRREGULAR',
] as const;

export const dataForms = ['TABLE', 'TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'GRAPH', 'OTHER'] as const;

export const objectionGrounds = [
  'RIGHTS_OF_ANOTHER',
  'UNLAWFUL_ACQUISITION',
  'FALSE_STATEMENT',
  'PERSONAL_INFORMATION',
  'TRADE_SECRET',
  'NATIONAL_SECURITY',
  'OTHER',
] as const;

const reason = () => text(400, 'Reason, public; no personal data');

/** Independent, and not exclusive: others may hold the same right to the same data. */
export const rightsSchema = record({
  hold: flag('HOLD, 数据持有权'),
  use: flag('USE, 数据使用权'),
  operate: flag('OPERATE, 数据经营权'),
});
export type Rights = Static<typeof rightsSchema>;

export const fingerprintSchema = record({
  rows: integer(1, 1_000_000_000),
  columns: integer(1, 10_000),
  contentCommitment: digest('Salted commitment to all canonical rows'),
  rowsRoot: digest('RFC 6962 root over salted rows'),
});
export type Fingerprint = Static<typeof fingerprintSchema>;

/** By version 2 of the fingerprint (docs/fingerprint.md): what stands beside a registration's own four fields. */
export const registeredTableSchema = record({
  id: identifier('Registration'),
  version: integer(2, 2, 'Of the fingerprint'),
  applicant: identifier(),
  rows: integer(1, 1_000_000_000),
  columns: integer(1, 10_000),
  header: digest('Of the names of columns, in order'),
  rowsRoot: digest('RFC 6962 root over salted rows'),
  root: digest('R, over all of the above'),
  bareCommitment: digest('Salted commitment to the root without a salt'),
  description: digest(
    'Of the table part of the description: types, missing markers, meanings, tags',
  ),
  statedAtMs: timeMs(),
});
export type RegisteredTable = Static<typeof registeredTableSchema>;

export const evidenceSchema = record({
  kind: oneOf(evidenceKinds),
  commitment: digest('Salted commitment to the document'),
});

const facts = {
  name: text(40),
  overview: text(400),
  industry: patterned('^[A-T]([0-9]{2,4})?$', {
    form: 'a code of GB/T 4754-2017: a letter A to T, alone or with 2 to 4 digits',
    example: 'G56',
    description: 'GB/T 4754-2017 code',
  }),
  source: oneOf(sources),
  origin: oneOf(origins),
  region: text(100),
  coverageFrom: isoDate('First day that the data speak of'),
  coverageTo: isoDate('Last day that the data speak of'),
  updateFrequency: oneOf(updateFrequencies),
  volumeRows: integer(0, 1_000_000_000_000),
  form: oneOf(dataForms),
  restrictions: nullable(text(400)),
  rights: rightsSchema,
  fingerprint: fingerprintSchema,
  evidence: list(evidenceSchema, 1, 32),
  parentRegistrationId: nullable(identifier('Registration of the source, for derived data')),
};

export const registrationFactsSchema = record(facts);
export type RegistrationFacts = Static<typeof registrationFactsSchema>;

export const registrationSchema = record({
  id: identifier(),
  state: oneOf(registrationStates),
  applicant: identifier(),
  registrar: nullable(identifier('In charge; null until one takes the case')),
  ...facts,
  submittedAtMs: timeMs(),
  dueAtMs: nullable(timeMs('When the ledger itself takes the next step')),
  reviewExtended: flag(),
  reviewLeft: nullable(periodSchema),
  publicityEndsAtMs: nullable(timeMs()),
  publicityWaiver: nullable(text(400)),
  openObjections: integer(0, 64),
  objectionIds: list(identifier(), 0, 64),
  decisionReason: nullable(text(400)),
  certificateNumber: nullable(text(24)),
  validFromMs: nullable(timeMs()),
  validToMs: nullable(timeMs()),
});
export type Registration = Static<typeof registrationSchema>;

export const objectionStates = ['OPEN', 'DISMISSED', 'UPHELD', 'WITHDRAWN', 'LAPSED'] as const;

export const objectionSchema = record({
  id: identifier(),
  state: oneOf(objectionStates),
  registrationId: identifier(),
  objector: identifier(),
  ground: oneOf(objectionGrounds),
  statementCommitment: digest('Salted commitment to the statement'),
  raisedAtMs: timeMs(),
  dueAtMs: timeMs(),
  decisionReason: nullable(text(400)),
  decidedAtMs: nullable(timeMs()),
});
export type Objection = Static<typeof objectionSchema>;

/** Numbers given out under one registrar code; they begin at 1 each month. */
export const certificateSeriesSchema = record({
  id: identifier('Registrar code'),
  registrar: identifier(),
  year: integer(1970, 9999),
  month: integer(1, 12),
  issued: integer(1, 9999),
});
export type CertificateSeries = Static<typeof certificateSeriesSchema>;

/** Which registration a fingerprint was registered under last, by a root or commitment of it. */
export const fingerprintClaimSchema = record({
  id: digest('Rows root, or commitment to the content'),
  registrationId: identifier(),
  claimedAtMs: timeMs(),
});
export type FingerprintClaim = Static<typeof fingerprintClaimSchema>;

export const submitCommand = record({ registrationId: identifier(), ...facts });

export const stateTableCommand = record({
  registrationId: identifier(),
  header: digest('Of the names of columns, in order'),
  description: digest('Of the table part of the description'),
});

export const registrationCommand = record({ registrationId: identifier() });

export const reasonedCommand = record({ registrationId: identifier(), reason: reason() });

export const certifyCommand = record({
  registrationId: identifier(),
  registrarCode: patterned('^[0-9]{3}$', {
    form: 'three digits',
    example: '311',
    description: 'Two digits of the province and one of the registrar',
  }),
});

export const objectCommand = record({
  objectionId: identifier(),
  registrationId: identifier(),
  ground: oneOf(objectionGrounds),
  statementCommitment: digest('Salted commitment to the statement'),
});

export const resolveObjectionCommand = record({
  objectionId: identifier(),
  decision: oneOf(['DISMISSED', 'UPHELD']),
  reason: reason(),
});

export const withdrawObjectionCommand = record({ objectionId: identifier() });
