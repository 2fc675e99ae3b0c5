/**
 * How long content is needed: until the last deadline of the records that it was sent for or that name
 * it. One row a kind of record, as in uses.ts. What is kept after that, and the notice before it is
 * removed, are the node's settings.
 */
import { compareText, type Hex } from '../base/bytes.ts';
import type { RecordKind } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';
import { listingRecord } from '../listing/state.ts';
import { valuationRecord } from '../pricing/state.ts';
import { jobRecord } from '../privacy/jobs/state.ts';
import { objectionRecord, registrationRecord } from '../rights/state.ts';
import { licenceRecord, tradeRecord } from '../trading/state.ts';
import { findNaming, readPlace, type Naming, type NamingPorts } from './naming.ts';
import type { ReadRecord } from './read-record.ts';

/** What of the ledger a rule asks for beside its record. */
export interface RetentionLedger {
  readonly read: ReadRecord;
  /** Block time of the last change of a record; null where the read models have none. */
  readonly changedAtMs: (kind: string, id: string) => Promise<number | null>;
}

type Soon<Value> = Value | Promise<Value>;

export interface RetentionRule<Schema extends TObject = TObject> {
  readonly kind: RecordKind<Schema>;
  /** What the deadline is, for those who are told. */
  readonly deadline: string;
  /** The last moment at which the record needs content; null: that is not known yet. */
  readonly lastDeadlineMs: (record: Static<Schema>, ledger: RetentionLedger) => Soon<number | null>;
  /** Organisations that the record names: they are told before it is removed. */
  readonly told: (record: Static<Schema>, read: ReadRecord) => Soon<readonly (string | null)[]>;
}

const rule = <Schema extends TObject>(row: RetentionRule<Schema>): RetentionRule => row;

/** null, not known, wins: what may still be needed stays. */
const later = (...moments: readonly (number | null)[]): number | null =>
  moments.includes(null) ? null : Math.max(...moments.map(Number));

const liveLicences: readonly string[] = ['ISSUED', 'ACTIVE', 'SUSPENDED'];

/** Its own end, and that of the licence that it has granted. */
const tradeRule = rule({
  kind: tradeRecord,
  deadline: 'the end of the trade and of its licence',
  async lastDeadlineMs({ dueAtMs, changedAtMs, licenceId }, { read }) {
    if (dueAtMs !== null) return null;
    const licence = licenceId === null ? null : await read(licenceRecord, licenceId);
    if (licence === null) return changedAtMs;
    const { state, validUntilMs, changedAtMs: endedAtMs } = licence;
    const over = liveLicences.includes(state) ? validUntilMs : Math.min(validUntilMs, endedAtMs);
    return Math.max(changedAtMs, over);
  },
  told: ({ buyer, seller }) => [buyer, seller],
});

const listingRule = rule({
  kind: listingRecord,
  deadline: 'the end of the listing',
  lastDeadlineMs: ({ state, changedAtMs }) => (state === 'DELISTED' ? changedAtMs : null),
  told: ({ seller, legalOpinion }) => [seller, legalOpinion?.issuer ?? null],
});

const endedRegistrations: readonly string[] = ['REFUSED', 'TERMINATED', 'EXPIRED', 'DEREGISTERED'];

/** Evidence is needed as long as the registration may be disputed. */
const registrationRule = rule({
  kind: registrationRecord,
  deadline: 'the end of the registration',
  lastDeadlineMs: ({ id, state }, { changedAtMs }) =>
    endedRegistrations.includes(state) ? changedAtMs(registrationRecord.name, id) : null,
  told: ({ applicant, registrar }) => [applicant, registrar],
});

const objectionRule = rule({
  kind: objectionRecord,
  deadline: 'the decision of the objection',
  lastDeadlineMs: ({ state, decidedAtMs, dueAtMs }) =>
    state === 'OPEN' ? null : (decidedAtMs ?? dueAtMs),
  async told({ objector, registrationId }, read) {
    const registration = await read(registrationRecord, registrationId);
    return [objector, registration?.registrar ?? null];
  },
});

/** Its inputs are run again by every holder: needed until each has said what came out. */
const valuationRule = rule({
  kind: valuationRecord,
  deadline: 'the last result of the holders of the valuation, or its withdrawal',
  lastDeadlineMs({ id, state, holders, confirmations }, { changedAtMs }) {
    if (state === 'WITHDRAWN') return changedAtMs(valuationRecord.name, id);
    if (confirmations.length < holders.length) return null;
    return Math.max(...confirmations.map(({ atMs }) => atMs));
  },
  told: ({ appraiser, holders }) => [appraiser, ...holders],
});

/** A result that is disputed is judged by its inputs. */
const jobRule = rule({
  kind: jobRecord,
  deadline: 'the end of the job and of its trade',
  async lastDeadlineMs({ dueAtMs, changedAtMs, tradeId }, ledger) {
    if (dueAtMs !== null) return null;
    const trade = await ledger.read(tradeRecord, tradeId);
    return later(changedAtMs, trade && (await tradeRule.lastDeadlineMs(trade, ledger)));
  },
  told: ({ seller, attestations }) => [
    seller,
    ...attestations.map(({ organisationId }) => organisationId),
  ],
});

/** Every kind of `contentUses`, by its name. */
export const retentionRules: ReadonlyMap<string, RetentionRule> = new Map(
  [tradeRule, listingRule, registrationRule, objectionRule, valuationRule, jobRule].map((row) => [
    row.kind.name,
    row,
  ]),
);

/** What an organisation has sent, and when. */
export interface SentClaim {
  readonly organisationId: string;
  /** `kind/id`, or '' for no record. */
  readonly about: string;
  readonly atMs: number;
}

/** The last need of content, once every one is known. */
export interface LastNeed {
  readonly atMs: number;
  /** `kind/id` whose deadline it is, '' where it is the sending itself. */
  readonly record: string;
  /** In words. */
  readonly deadline: string;
  /** Organisations that are told, each once, in order. */
  readonly told: readonly string[];
}

const sending = 'when it was sent last';

/**
 * When content is needed last, by the records that name it, those it was sent for, and when it was sent.
 * Null where one of them still needs it, or where nobody knows how it came here.
 * @param claims of what is here, all of it
 */
export async function findLastNeed(
  ports: NamingPorts & RetentionLedger,
  digest: Hex,
  claims: readonly SentClaim[],
): Promise<LastNeed | null> {
  const needing = new Map<string, Naming>();
  for (const naming of await findNaming(ports, digest, claims)) needing.set(naming.place, naming);
  for (const { about } of claims) {
    const naming = needing.has(about) ? null : await readPlace(ports.read, about);
    if (naming) needing.set(about, naming);
  }
  if (needing.size === 0 && claims.length === 0) return null;
  const told = new Set(claims.map(({ organisationId }) => organisationId));
  let last = { atMs: 0, record: '', deadline: sending };
  for (const { atMs } of claims) last = { ...last, atMs: Math.max(last.atMs, atMs) };
  for (const [place, { use, record }] of needing) {
    const row = retentionRules.get(use.kind.name);
    const atMs = (await row?.lastDeadlineMs(record, ports)) ?? null;
    if (!row || atMs === null) return null;
    for (const name of await row.told(record, ports.read)) if (name !== null) told.add(name);
    if (atMs >= last.atMs) last = { atMs, record: place, deadline: row.deadline };
  }
  return { ...last, told: [...told].sort(compareText) };
}
