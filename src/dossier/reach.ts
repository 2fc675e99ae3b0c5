/** What belongs to the trades of a dossier, followed from record to record. */
import type { Review } from '../compliance/schema.ts';
import { creditCodeId } from '../identity/credit-code.ts';
import type { Key, Organisation, Recovery } from '../identity/schema.ts';
import type { Listing, ListingProfile } from '../listing/schema.ts';
import type { Job } from '../privacy/jobs/schema.ts';
import type { Objection, RegisteredTable, Registration } from '../rights/schema.ts';
import type { Posting, Trade } from '../trading/schema.ts';
import { postingRecord, tradeRecord } from '../trading/state.ts';
import { accountIdOf, postingId } from '../trading/types.ts';
import { groupBy } from '../base/group-by.ts';
import { keyIdOf } from '../base/key-id.ts';
import type { Evidence, LoggedEvent } from './evidence.ts';

/** A record by `kind/id`. */
export type RecordName = string;

export const nameOf = ({ leaf }: LoggedEvent): RecordName => `${leaf.kind}/${leaf.id}`;

/** Records that a record names: these must be here where it is. */
const namedBy: Readonly<Record<string, (record: never) => readonly (RecordName | null)[]>> = {
  trade: (trade: Trade) => [
    `listing/${trade.listingId}`,
    `registration/${trade.registrationId}`,
    `organisation/${trade.bank}`,
    trade.valuationId && `valuation/${trade.valuationId}`,
    trade.licenceId && `licence/${trade.licenceId}`,
    trade.computation && `job/${trade.computation.jobId}`,
    trade.funding && `account/${accountIdOf({ kind: 'ESCROW', holder: trade.id })}`,
  ],
  listing: (listing: Listing) => [
    `registration/${listing.registrationId}`,
    listing.reviewId && `review/${listing.reviewId}`,
  ],
  registration: (registration: Registration) => [
    ...registration.objectionIds.map((id) => `objection/${id}`),
    registration.parentRegistrationId && `registration/${registration.parentRegistrationId}`,
  ],
  posting: (posting: Posting) => posting.lines.map(({ accountId }) => `account/${accountId}`),
  key: (key: Key) => [`organisation/${key.organisationId}`],
  organisation: ({ jurisdiction, creditCode }: Organisation) => [
    `credit-code/${creditCodeId(jurisdiction, creditCode)}`,
  ],
};

/** Records that belong to another which does not name them. */
const belongsTo: Readonly<Record<string, (record: never) => RecordName>> = {
  job: (job: Job) => `trade/${job.tradeId}`,
  'job-claim': (claim: { jobId: string }) => `job/${claim.jobId}`,
  review: (review: Review) => `listing/${review.listingId}`,
  objection: (objection: Objection) => `registration/${objection.registrationId}`,
  'registered-table': ({ id }: RegisteredTable) => `registration/${id}`,
  'listing-profile': ({ id }: ListingProfile) => `listing/${id}`,
  recovery: ({ id }: Recovery) => `key/${id}`,
};

/** Of the same id, and there from a later version of the machine's rules on: a record may have it or not. */
const companions: Readonly<Record<string, string>> = {
  registration: 'registered-table',
  listing: 'listing-profile',
  key: 'recovery',
};

/** Records to ask for beside one that is reached. */
export function companionsOf(name: RecordName): RecordName[] {
  const [kind = '', id = ''] = name.split('/');
  const companion = companions[kind];
  return companion === undefined ? [] : [`${companion}/${id}`];
}

/** Every record that belongs to the trades, to whoever signed, or to whoever sealed. */
export function reachOf(evidence: Evidence): ReadonlySet<RecordName> {
  const { dossier, events, histories } = evidence;
  const owned = groupBy(events.filter(ownerOf), ownerOf);
  const reached = new Set<RecordName>(dossier.trades.map((id) => `trade/${id}`));
  reached.add(`key/${keyIdOf(dossier.seal.publicKey)}`);
  // What is added on the way is come to as well, each record once: files may be large.
  for (const name of reached) {
    const history = histories.get(name) ?? [];
    for (const event of owned.get(name) ?? []) reached.add(nameOf(event));
    for (const event of history) reachFrom(evidence, event, reached);
    for (const posting of postingsOf(history)) reached.add(posting);
  }
  return reached;
}

const ownerOf = ({ leaf, record }: LoggedEvent): RecordName | undefined =>
  belongsTo[leaf.kind]?.(record as never);

/** Of a trade's history: as many as it ever counts. */
function postingsOf(history: readonly LoggedEvent[]): RecordName[] {
  const trades = history.filter(({ leaf }) => leaf.kind === tradeRecord.name);
  const length = trades.reduce(
    (most, { record }) => Math.max(most, (record as Trade).postingCount),
    0,
  );
  const { id } = trades[0]?.leaf ?? { id: '' };
  return Array.from({ length }, (_, at) => `${postingRecord.name}/${postingId(id, at + 1)}`);
}

function reachFrom(evidence: Evidence, event: LoggedEvent, reached: Set<RecordName>): void {
  for (const other of namedBy[event.leaf.kind]?.(event.record as never) ?? []) {
    if (other) reached.add(other);
  }
  const { envelopeId } = event.leaf;
  const envelope = envelopeId === null ? undefined : evidence.envelopes.get(envelopeId);
  if (envelope) reached.add(`key/${envelope.envelope.keyId}`);
}
