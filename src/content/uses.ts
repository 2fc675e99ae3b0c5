/**
 * Which records need content, and whom each of them names: who may send for it, who may read. One row
 * a kind of record; what no row allows nobody may. Records hold digests alone, so content that a record
 * commits to by a salt (evidence, statements, inputs) is tied to it by who sent it.
 */
import type { Hex } from '../base/bytes.ts';
import type { RecordKind } from '../base/room.ts';
import type { Role } from '../base/roles.ts';
import type { Static, TObject } from '../base/schema.ts';
import { areRelated, organisationRecord } from '../identity/state.ts';
import { listingRecord } from '../listing/state.ts';
import { valuationRecord } from '../pricing/state.ts';
import { jobRecord } from '../privacy/jobs/state.ts';
import { objectionRecord, registrationRecord } from '../rights/state.ts';
import { tradeRecord } from '../trading/state.ts';
import type { ReadRecord } from './read-record.ts';

/** Who asks, by a key in good standing. */
export interface Asker {
  readonly organisationId: string;
  readonly roles: readonly Role[];
}

/** By whom something was sent for a record, and when. */
export interface Sent {
  readonly organisationId: string;
  readonly atMs: number;
}

type Answer = boolean | Promise<boolean>;

export interface ContentUse<Schema extends TObject = TObject> {
  readonly kind: RecordKind<Schema>;
  /** Where the record holds digests of content; each has an index in migrations/. */
  readonly named: readonly (readonly string[])[];
  /** Whose quota it takes: that of an open trade, or (null) the sender’s for all else. */
  readonly tradeOf: (record: Static<Schema>) => string | null;
  /** Who must have sent what it names: naming another's content gives nobody a right to it. */
  readonly senderOf: (record: Static<Schema>) => string;
  /** Since when it names what it does; decides where nobody knows who sent it. */
  readonly namedAtMs: (record: Static<Schema>) => number;
  /** Whether content may be sent for it now. */
  readonly maySend: (record: Static<Schema>, asker: Asker) => boolean;
  /** Whether he may read what it names. */
  readonly mayReadNamed: (record: Static<Schema>, asker: Asker, read: ReadRecord) => Answer;
  /** Whether he may read what another has sent for it and it does not name. */
  readonly mayReadSent: (
    record: Static<Schema>,
    sent: Sent,
    asker: Asker,
    read: ReadRecord,
  ) => Answer;
}

const use = <Schema extends TObject>(row: ContentUse<Schema>): ContentUse => row;

const ofNoTrade = (): null => null;

/** What it rests on it commits to by a salt, so that no digest of content stands in it. */
const namesNone = {
  named: [],
  senderOf: () => '',
  namedAtMs: () => Infinity,
  mayReadNamed: () => false,
};

const nobody = (): boolean => false;

const disputed: readonly string[] = ['REJECTED', 'DISPUTED'];

/** A delivery: to its buyer. Evidence sent since the buyer has rejected it: to both and the operator. */
const tradeUse = use({
  kind: tradeRecord,
  named: [
    ['delivery', 'ciphertextDigest'],
    ['delivery', 'wrappedKeyDigest'],
  ],
  senderOf: ({ seller }) => seller,
  namedAtMs: ({ delivery }) => delivery?.atMs ?? Infinity,
  tradeOf: ({ id }) => id,
  maySend: ({ buyer, seller, dueAtMs }, { organisationId }) =>
    dueAtMs !== null && [buyer, seller].includes(organisationId),
  mayReadNamed: ({ buyer, seller }, { organisationId }) => [buyer, seller].includes(organisationId),
  mayReadSent({ buyer, seller, state, dispute }, { atMs }, { organisationId, roles }) {
    if (dispute === null || !disputed.includes(state) || atMs < dispute.rejectedAtMs) return false;
    return [buyer, seller].includes(organisationId) || roles.includes('OPERATOR');
  },
});

/** Its legal opinion: to its author, and to reviewers while it is reviewed. */
const listingUse = use({
  kind: listingRecord,
  named: [['legalOpinion', 'digest']],
  senderOf: ({ seller }) => seller,
  namedAtMs: ({ changedAtMs }) => changedAtMs,
  tradeOf: ofNoTrade,
  maySend: ({ seller, state }, { organisationId }) =>
    state !== 'DELISTED' && seller === organisationId,
  mayReadNamed({ seller, state, legalOpinion }, { organisationId, roles }) {
    if ([seller, legalOpinion?.issuer].includes(organisationId)) return true;
    return state === 'COMPLIANCE_REVIEW' && roles.includes('REVIEWER');
  },
  mayReadSent: nobody,
});

const endedRegistrations: readonly string[] = ['REFUSED', 'TERMINATED', 'EXPIRED', 'DEREGISTERED'];

/** Evidence: to the registrar who is in charge of the case. */
const registrationUse = use({
  kind: registrationRecord,
  ...namesNone,
  tradeOf: ofNoTrade,
  maySend: ({ applicant, state }, { organisationId }) =>
    applicant === organisationId && !endedRegistrations.includes(state),
  mayReadSent: ({ registrar }, _sent, { organisationId }) => registrar === organisationId,
});

/** A statement: to the registrar who is in charge of what it objects to. */
const objectionUse = use({
  kind: objectionRecord,
  ...namesNone,
  tradeOf: ofNoTrade,
  maySend: ({ objector, state }, { organisationId }) =>
    state === 'OPEN' && objector === organisationId,
  async mayReadSent({ registrationId }, _sent, { organisationId }, read) {
    const registration = await read(registrationRecord, registrationId);
    return registration?.registrar === organisationId;
  },
});

/** Inputs: to those who the appraiser says may state a result. */
const valuationUse = use({
  kind: valuationRecord,
  ...namesNone,
  tradeOf: ofNoTrade,
  maySend: ({ appraiser, state }, { organisationId }) =>
    state !== 'WITHDRAWN' && appraiser === organisationId,
  mayReadSent: ({ holders }, _sent, { organisationId }) => holders.includes(organisationId),
});

/** Encrypted inputs: to workers who may attest its result, as long as they may. */
const jobUse = use({
  kind: jobRecord,
  ...namesNone,
  tradeOf: ({ tradeId }) => tradeId,
  maySend: ({ seller, dueAtMs }, { organisationId }) =>
    dueAtMs !== null && seller === organisationId,
  async mayReadSent({ state, buyer, seller }, _sent, { organisationId, roles }, read) {
    if (!['PROVISIONED', 'VERIFYING'].includes(state) || !roles.includes('WORKER')) return false;
    return !(await isOfHouseOf(organisationId, [buyer, seller], read));
  },
});

/** The rule of relatedness, which reads synchronously, on what was read before. */
async function isOfHouseOf(
  organisationId: string,
  others: readonly string[],
  read: ReadRecord,
): Promise<boolean> {
  const ids = [organisationId, ...others];
  const found = await Promise.all(ids.map((id) => read(organisationRecord, id)));
  const known = new Map(ids.map((id, at) => [id, found[at] ?? null]));
  const ledger = { read: (_kind: RecordKind, id: string) => known.get(id) ?? null } as Parameters<
    typeof areRelated
  >[0];
  return others.some((other) => areRelated(ledger, organisationId, other));
}

/** Every kind of record that needs content, by its name. */
export const contentUses: ReadonlyMap<string, ContentUse> = new Map(
  [tradeUse, listingUse, registrationUse, objectionUse, valuationUse, jobUse].map((row) => [
    row.kind.name,
    row,
  ]),
);

/** Every field of a record that holds a digest of content. */
export const namingFields = [...contentUses.values()].flatMap(({ kind, named }) =>
  named.map((path) => ({ kind: kind.name, path })),
);

/** Digests of content that a record names. */
export function digestsNamed({ named }: ContentUse, record: object): readonly Hex[] {
  return named.flatMap((path) => {
    let value: unknown = record;
    for (const name of path) value = (value as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? [value] : [];
  });
}
