/** Who may send content for a record, and who may read it: each row with what it must not allow. */
import { expect } from 'chai';
import { fromJson } from '../../src/base/codec.ts';
import type { RecordKind } from '../../src/base/room.ts';
import type { Role } from '../../src/base/roles.ts';
import type { TObject } from '../../src/base/schema.ts';
import { registry } from '../../src/chain/rooms.ts';
import type { ReadRecord } from '../../src/content/read-record.ts';
import { contentUses, digestsNamed } from '../../src/content/uses.ts';
import { sampleOf } from '../support/schema-sample.ts';

const recordOf = (kind: string, fields: object): never => {
  const { schema } = registry.records.get(kind)!;
  return { ...(fromJson(schema, sampleOf(schema)) as object), ...fields } as never;
};

const organisations: Readonly<Record<string, { name: string; beneficialOwner: string | null }>> = {
  seller: { name: 'Seller', beneficialOwner: 'Li Hua' },
  cousin: { name: 'Cousin', beneficialOwner: 'Li Hua' },
};

/** What the committed state holds in these tests. */
const read: ReadRecord = async <Schema extends TObject>(kind: RecordKind<Schema>, id: string) => {
  const found =
    kind.name === 'registration'
      ? recordOf('registration', { id, applicant: 'applicant', registrar: 'registrar' })
      : recordOf(kind.name, { id, name: id, beneficialOwner: null, ...organisations[id] });
  return found;
};

type Who = readonly [organisationId: string, ...roles: Role[]];
const asker = ([organisationId, ...roles]: Who) => ({ organisationId, roles });

const digest = 'ab'.repeat(32);
const other = 'cd'.repeat(32);
const trade = (fields: object) => ({
  ...{ id: 'trade-1', buyer: 'buyer', seller: 'seller', bank: 'bank', dueAtMs: 9 },
  ...{ dispute: null, delivery: { ciphertextDigest: digest, wrappedKeyDigest: other, atMs: 5 } },
  ...fields,
});
const dispute = { rejectedAtMs: 100 };
const opinion = { legalOpinion: { digest, issuer: 'law-office', validUntilMs: 9 } };

type Verb = 'maySend' | 'mayReadNamed' | 'mayReadSent';
interface Row {
  readonly kind: string;
  readonly what: string;
  readonly verb: Verb;
  readonly fields: object;
  readonly sentAtMs?: number;
  readonly allowed: readonly Who[];
  readonly refused: readonly Who[];
}

const everybodyElse: readonly Who[] = [
  ['stranger', 'SELLER', 'BUYER', 'WORKER'],
  ['regulator', 'REGULATOR'],
  ['admin', 'ADMIN'],
];

const rows: readonly Row[] = [
  {
    ...{ kind: 'trade', what: 'an open one', verb: 'maySend', fields: trade({}) },
    allowed: [['seller'], ['buyer']],
    refused: [['bank', 'BANK'], ['operator', 'OPERATOR'], ...everybodyElse],
  },
  {
    ...{ kind: 'trade', what: 'an ended one', verb: 'maySend', fields: trade({ dueAtMs: null }) },
    allowed: [],
    refused: [['seller'], ['buyer']],
  },
  {
    ...{ kind: 'trade', what: 'its delivery', verb: 'mayReadNamed', fields: trade({}) },
    allowed: [['seller'], ['buyer']],
    refused: [['bank', 'BANK'], ['operator', 'OPERATOR'], ['r', 'REVIEWER'], ...everybodyElse],
  },
  {
    ...{ kind: 'trade', what: 'before delivery', verb: 'mayReadSent', fields: trade({}) },
    allowed: [],
    refused: [['buyer'], ['operator', 'OPERATOR'], ...everybodyElse],
  },
  {
    ...{ kind: 'trade', what: 'evidence since the rejection', verb: 'mayReadSent', sentAtMs: 100 },
    fields: trade({ state: 'DISPUTED', dispute }),
    allowed: [['seller'], ['buyer'], ['operator', 'OPERATOR']],
    refused: [['bank', 'BANK'], ...everybodyElse],
  },
  {
    ...{ kind: 'trade', what: 'what came before it', verb: 'mayReadSent', sentAtMs: 99 },
    fields: trade({ state: 'DISPUTED', dispute }),
    allowed: [],
    refused: [['buyer'], ['operator', 'OPERATOR']],
  },
  {
    ...{ kind: 'trade', what: 'evidence once it is ruled', verb: 'mayReadSent', sentAtMs: 100 },
    fields: trade({ state: 'REFUNDED', dispute, dueAtMs: null }),
    allowed: [],
    refused: [['operator', 'OPERATOR'], ['buyer']],
  },
  {
    ...{ kind: 'listing', what: 'its opinion, in review', verb: 'mayReadNamed' },
    fields: { seller: 'seller', state: 'COMPLIANCE_REVIEW', ...opinion },
    allowed: [['seller'], ['law-office'], ['any', 'REVIEWER']],
    refused: [['any', 'REGISTRAR'], ['operator', 'OPERATOR'], ...everybodyElse],
  },
  {
    ...{ kind: 'listing', what: 'its opinion, listed', verb: 'mayReadNamed' },
    fields: { seller: 'seller', state: 'LISTED', ...opinion },
    allowed: [['seller'], ['law-office']],
    refused: [['any', 'REVIEWER'], ...everybodyElse],
  },
  {
    ...{ kind: 'listing', what: 'its own draft', verb: 'maySend' },
    fields: { seller: 'seller', state: 'DRAFT' },
    allowed: [['seller']],
    refused: everybodyElse,
  },
  {
    ...{ kind: 'listing', what: 'a delisted one', verb: 'maySend' },
    fields: { seller: 'seller', state: 'DELISTED' },
    allowed: [],
    refused: [['seller']],
  },
  {
    ...{ kind: 'registration', what: 'evidence', verb: 'mayReadSent' },
    fields: { applicant: 'applicant', registrar: 'registrar' },
    allowed: [['registrar', 'REGISTRAR']],
    refused: [['another', 'REGISTRAR'], ['operator', 'OPERATOR'], ...everybodyElse],
  },
  {
    ...{ kind: 'registration', what: 'a case that nobody has taken', verb: 'mayReadSent' },
    fields: { applicant: 'applicant', registrar: null },
    allowed: [],
    refused: [['registrar', 'REGISTRAR']],
  },
  {
    ...{ kind: 'registration', what: 'a case in hand', verb: 'maySend' },
    fields: { applicant: 'applicant', state: 'UNDER_REVIEW' },
    allowed: [['applicant']],
    refused: [['registrar', 'REGISTRAR'], ...everybodyElse],
  },
  {
    ...{ kind: 'registration', what: 'a refused one', verb: 'maySend' },
    fields: { applicant: 'applicant', state: 'REFUSED' },
    allowed: [],
    refused: [['applicant']],
  },
  {
    ...{ kind: 'objection', what: 'its statement', verb: 'mayReadSent' },
    fields: { objector: 'objector', registrationId: 'case-1' },
    allowed: [['registrar', 'REGISTRAR']],
    refused: [['applicant'], ['another', 'REGISTRAR'], ...everybodyElse],
  },
  {
    ...{ kind: 'objection', what: 'an open one', verb: 'maySend' },
    fields: { objector: 'objector', state: 'OPEN' },
    allowed: [['objector']],
    refused: [['applicant'], ...everybodyElse],
  },
  {
    ...{ kind: 'objection', what: 'a decided one', verb: 'maySend' },
    fields: { objector: 'objector', state: 'DISMISSED' },
    allowed: [],
    refused: [['objector']],
  },
  {
    ...{ kind: 'valuation', what: 'its inputs', verb: 'mayReadSent' },
    fields: { appraiser: 'appraiser', holders: ['holder'] },
    allowed: [['holder']],
    refused: [['other', 'APPRAISER'], ...everybodyElse],
  },
  {
    ...{ kind: 'valuation', what: 'its own', verb: 'maySend' },
    fields: { appraiser: 'appraiser', state: 'SUBMITTED' },
    allowed: [['appraiser']],
    refused: [['holder'], ...everybodyElse],
  },
  {
    ...{ kind: 'valuation', what: 'a withdrawn one', verb: 'maySend' },
    fields: { appraiser: 'appraiser', state: 'WITHDRAWN' },
    allowed: [],
    refused: [['appraiser']],
  },
  {
    ...{ kind: 'job', what: 'its inputs, for workers', verb: 'mayReadSent' },
    fields: { state: 'VERIFYING', buyer: 'buyer', seller: 'seller' },
    allowed: [['magpie', 'WORKER']],
    refused: [
      ...([
        ['magpie', 'SELLER'],
        ['buyer', 'WORKER'],
        ['seller', 'WORKER'],
      ] as Who[]),
      ...([
        ['cousin', 'WORKER'],
        ['operator', 'OPERATOR'],
        ['r', 'REVIEWER'],
      ] as Who[]),
    ],
  },
  ...['APPROVED', 'OUTPUT_REVIEW', 'RELEASED', 'CANCELLED'].map((state): Row => ({
    ...{ kind: 'job', what: `its inputs when ${state}`, verb: 'mayReadSent' },
    fields: { state, buyer: 'buyer', seller: 'seller' },
    allowed: [],
    refused: [['magpie', 'WORKER']],
  })),
  {
    ...{ kind: 'job', what: 'an open one', verb: 'maySend' },
    fields: { seller: 'seller', dueAtMs: 9 },
    allowed: [['seller']],
    refused: [['buyer'], ['magpie', 'WORKER']],
  },
  {
    ...{ kind: 'job', what: 'an ended one', verb: 'maySend' },
    fields: { seller: 'seller', dueAtMs: null },
    allowed: [],
    refused: [['seller']],
  },
];

describe('content: who may send and read', () => {
  for (const { kind, what, verb, fields, sentAtMs = 0, allowed, refused } of rows) {
    it(`${kind}: ${what}, ${verb}`, async () => {
      const use = contentUses.get(kind)!;
      const record = recordOf(kind, fields);
      const sent = { organisationId: 'sender', atMs: sentAtMs };
      const answers = {
        maySend: (who: Who) => use.maySend(record, asker(who)),
        mayReadNamed: (who: Who) => use.mayReadNamed(record, asker(who), read),
        mayReadSent: (who: Who) => use.mayReadSent(record, sent, asker(who), read),
      };
      for (const who of allowed) expect(await answers[verb](who), who.join()).to.equal(true);
      for (const who of refused) expect(await answers[verb](who), who.join()).to.equal(false);
    });
  }

  it('each kind has a row for sending and one for reading, with somebody and with nobody', () => {
    for (const [kind, { named }] of contentUses) {
      const verbs: Verb[] = ['maySend', named.length > 0 ? 'mayReadNamed' : 'mayReadSent'];
      for (const verb of verbs) {
        const own = rows.filter((row) => row.kind === kind && row.verb === verb);
        expect(
          own.flatMap(({ allowed }) => allowed),
          `${kind} ${verb}`,
        ).to.not.deep.equal([]);
        expect(
          own.flatMap(({ refused }) => refused),
          `${kind} ${verb}`,
        ).to.not.deep.equal([]);
      }
    }
  });

  it('digests are found where the record holds them, and nowhere else', () => {
    const use = contentUses.get('trade')!;
    expect(digestsNamed(use, recordOf('trade', trade({})))).to.deep.equal([digest, other]);
    expect(digestsNamed(use, recordOf('trade', trade({ delivery: null })))).to.deep.equal([]);
    const listing = contentUses.get('listing')!;
    expect(digestsNamed(listing, recordOf('listing', { legalOpinion: null }))).to.deep.equal([]);
  });
});
