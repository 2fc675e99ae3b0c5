/** How long content is needed, by the records: each row with what it must not end too early. */
import { expect } from 'chai';
import { fromJson } from '../../src/base/codec.ts';
import type { RecordKind } from '../../src/base/room.ts';
import type { TObject } from '../../src/base/schema.ts';
import { registry } from '../../src/chain/rooms.ts';
import type { ReadRecord } from '../../src/content/read-record.ts';
import { findLastNeed, retentionRules, type SentClaim } from '../../src/content/retention.ts';
import { contentUses } from '../../src/content/uses.ts';
import { sampleOf } from '../support/schema-sample.ts';

const recordOf = (kind: string, fields: object): never => {
  const { schema } = registry.records.get(kind)!;
  return { ...(fromJson(schema, sampleOf(schema)) as object), ...fields } as never;
};

const digest = 'ab'.repeat(32);
const changedAtMs = 700;

/** Of the ledger, by `kind/id`. */
type Held = Readonly<Record<string, object>>;

const readerOf =
  (held: Held): ReadRecord =>
  async <Schema extends TObject>(kind: RecordKind<Schema>, id: string) => {
    const fields = held[`${kind.name}/${id}`];
    return fields ? recordOf(kind.name, { id, ...fields }) : null;
  };

const portsOf = (held: Held) => ({
  read: readerOf(held),
  changedAtMs: async () => changedAtMs,
  recordsNaming: async () =>
    Object.keys(held).map((place) => {
      const [kind = '', id = ''] = place.split('/');
      return { kind, id };
    }),
});

const parties = { buyer: 'buyer', seller: 'seller', delivery: null, dispute: null };
const licence = (fields: object) => ({ 'licence/t-1': { changedAtMs: 300, ...fields } });
const ended = { ...parties, dueAtMs: null, changedAtMs: 200, licenceId: null };

interface Row {
  readonly what: string;
  readonly kind: string;
  readonly fields: object;
  readonly held?: Held;
  /** null: needed still. */
  readonly until: number | null;
}

const rows: readonly Row[] = [
  { what: 'open', kind: 'trade', fields: { ...parties, dueAtMs: 500 }, until: null },
  { what: 'ended without a licence', kind: 'trade', fields: ended, until: 200 },
  {
    ...{ what: 'settled, its licence runs', kind: 'trade', fields: { ...ended, licenceId: 't-1' } },
    ...{ held: licence({ state: 'ACTIVE', validUntilMs: 9_000 }), until: 9_000 },
  },
  {
    ...{ what: 'its licence suspended', kind: 'trade', fields: { ...ended, licenceId: 't-1' } },
    ...{ held: licence({ state: 'SUSPENDED', validUntilMs: 9_000 }), until: 9_000 },
  },
  {
    ...{ what: 'its licence revoked', kind: 'trade', fields: { ...ended, licenceId: 't-1' } },
    ...{ held: licence({ state: 'REVOKED', validUntilMs: 9_000 }), until: 300 },
  },
  {
    ...{ what: 'deletion attested late', kind: 'trade', fields: { ...ended, licenceId: 't-1' } },
    held: licence({ state: 'DELETION_ATTESTED', validUntilMs: 250, changedAtMs: 8_000 }),
    until: 250,
  },
  { what: 'listed', kind: 'listing', fields: { state: 'LISTED', changedAtMs: 5 }, until: null },
  { what: 'suspended', kind: 'listing', fields: { state: 'SUSPENDED' }, until: null },
  { what: 'delisted', kind: 'listing', fields: { state: 'DELISTED', changedAtMs: 5 }, until: 5 },
  { what: 'in force', kind: 'registration', fields: { state: 'ACTIVE' }, until: null },
  { what: 'objected to', kind: 'registration', fields: { state: 'OBJECTED' }, until: null },
  ...['REFUSED', 'TERMINATED', 'EXPIRED', 'DEREGISTERED'].map((state): Row => ({
    ...{ what: state, kind: 'registration', fields: { state }, until: changedAtMs },
  })),
  { what: 'open', kind: 'objection', fields: { state: 'OPEN', dueAtMs: 9 }, until: null },
  {
    ...{ what: 'decided', kind: 'objection', until: 40 },
    fields: { state: 'UPHELD', decidedAtMs: 40, dueAtMs: 90 },
  },
  {
    ...{ what: 'not all holders have run it', kind: 'valuation', until: null },
    fields: { state: 'CONFIRMED', holders: ['a', 'b'], confirmations: [{ atMs: 5 }] },
  },
  {
    ...{ what: 'every holder has', kind: 'valuation', until: 8 },
    fields: { state: 'CONTESTED', holders: ['a', 'b'], confirmations: [{ atMs: 8 }, { atMs: 5 }] },
  },
  {
    ...{ what: 'withdrawn', kind: 'valuation', until: changedAtMs },
    fields: { state: 'WITHDRAWN', holders: ['a'], confirmations: [] },
  },
  { what: 'open', kind: 'job', fields: { dueAtMs: 9, changedAtMs: 5 }, until: null },
  {
    ...{ what: 'released, its trade disputed', kind: 'job', until: null },
    fields: { dueAtMs: null, changedAtMs: 50, tradeId: 't-1' },
    held: { 'trade/t-1': { ...parties, state: 'DISPUTED', dueAtMs: 90 } },
  },
  {
    ...{ what: 'released, its trade over', kind: 'job', until: 200 },
    fields: { dueAtMs: null, changedAtMs: 50, tradeId: 't-1' },
    held: { 'trade/t-1': ended },
  },
];

describe('content: how long it is needed', () => {
  for (const { what, kind, fields, held = {}, until } of rows) {
    it(`${kind}: ${what}`, async () => {
      const row = retentionRules.get(kind)!;
      const ports = portsOf(held);
      expect(await row.lastDeadlineMs(recordOf(kind, fields), ports)).to.equal(until);
    });
  }

  it('each use of content has a rule, with rows of both outcomes', () => {
    expect([...retentionRules.keys()]).to.deep.equal([...contentUses.keys()]);
    for (const kind of contentUses.keys()) {
      const own = rows.filter((row) => row.kind === kind).map(({ until }) => until !== null);
      expect(new Set(own), kind).to.deep.equal(new Set([true, false]));
    }
  });

  const told: readonly (readonly [string, object, Held, readonly (string | null)[]])[] = [
    ['trade', parties, {}, ['buyer', 'seller']],
    ['listing', { seller: 's', legalOpinion: null }, {}, ['s', null]],
    ['listing', { seller: 's', legalOpinion: { issuer: 'law' } }, {}, ['s', 'law']],
    ['registration', { applicant: 'a', registrar: 'r' }, {}, ['a', 'r']],
    [
      'objection',
      { objector: 'o', registrationId: 'case' },
      { 'registration/case': { registrar: 'r' } },
      ['o', 'r'],
    ],
    ['valuation', { appraiser: 'a', holders: ['h', 'i'] }, {}, ['a', 'h', 'i']],
    ['job', { seller: 's', attestations: [{ organisationId: 'w' }] }, {}, ['s', 'w']],
  ];
  for (const [kind, fields, held, names] of told) {
    it(`of a ${kind} ${names.join(', ')} are told`, async () => {
      const row = retentionRules.get(kind)!;
      expect(await row.told(recordOf(kind, fields), readerOf(held))).to.deep.equal(names);
    });
  }

  const delivered = { delivery: { ciphertextDigest: digest, wrappedKeyDigest: '00', atMs: 5 } };
  const sent = (about: string, atMs = 10, organisationId = 'seller'): SentClaim => ({
    ...{ organisationId, about, atMs },
  });
  const last = (held: Held, claims: readonly SentClaim[]) =>
    findLastNeed(portsOf(held), digest, claims);

  it('is the last of all that need it, and everybody is told once', async () => {
    const held = { 'trade/t-1': { ...ended, ...delivered } };
    const need = await last(held, [sent('trade/t-1'), sent('', 150, 'archive')]);
    expect(need).to.deep.equal({
      ...{ atMs: 200, record: 'trade/t-1', deadline: retentionRules.get('trade')!.deadline },
      told: ['archive', 'buyer', 'seller'],
    });
    const again = await last(held, [sent('trade/t-1'), sent('', 250, 'archive')]);
    expect(again).to.deep.include({ atMs: 250, record: '', deadline: 'when it was sent last' });
  });

  it('is not known while one of them is open, and by a name alone where nobody has sent it', async () => {
    const open = { 'trade/t-2': { ...parties, ...delivered, dueAtMs: 9 } };
    const both = { 'trade/t-1': { ...ended, ...delivered }, ...open };
    expect(await last(both, [sent('trade/t-1'), sent('trade/t-2')])).to.equal(null);
    const imported = await last({ 'trade/t-1': { ...ended, ...delivered } }, []);
    expect(imported).to.include({ atMs: 200, record: 'trade/t-1' });
    expect(await last({}, [])).to.equal(null);
  });

  it('is not prolonged by who names another’s content in an open trade of his own', async () => {
    const theft = { ...delivered, buyer: 'fence', seller: 'thief', dueAtMs: 9_999, dispute: null };
    const held = { 'trade/t-1': { ...ended, ...delivered }, 'trade/theft': theft };
    expect(await last(held, [sent('trade/t-1')])).to.include({ atMs: 200 });
  });

  it('of what was sent for a record and is named by none, that record decides', async () => {
    const held = { 'objection/o-1': { state: 'OPEN', objector: 'seller', registrationId: 'x' } };
    expect(await last(held, [sent('objection/o-1')])).to.equal(null);
    expect(await last({}, [sent('objection/gone')])).to.include({ atMs: 10, record: '' });
  });
});
