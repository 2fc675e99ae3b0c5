/** What belongs to the trades of a dossier, followed from record to record. */
import type { Review } from '../compliance/schema.ts';
import { creditCodeId } from '../identity/credit-code.ts';
import type { Key, Organisation } from '../identity/schema.ts';
import type { Listing } from '../listing/schema.ts';
import type { Job } from '../privacy/jobs/schema.ts';
import type { Objection, Registration } from '../rights/schema.ts';
import type { Posting, Trade } from '../trading/schema.ts';
import { accountIdOf, postingId } from '../trading/types.ts';
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
    ...Array.from(
      { length: trade.postingCount },
      (_, index) => `posting/${postingId(trade.id, index + 1)}`,
    ),
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
};

/** Every record that belongs to the trades, to whoever signed, or to whoever sealed. */
export function reachOf(evidence: Evidence): ReadonlySet<RecordName> {
  const reached = new Set<RecordName>(evidence.dossier.trades.map((id) => `trade/${id}`));
  reached.add(`key/${keyIdOf(evidence.dossier.seal.publicKey)}`);
  for (let size = -1; size !== reached.size;) {
    size = reached.size;
    for (const event of evidence.events) reachFrom(evidence, event, reached);
  }
  return reached;
}

function reachFrom(evidence: Evidence, event: LoggedEvent, reached: Set<RecordName>): void {
  const name = nameOf(event);
  const owner = belongsTo[event.leaf.kind]?.(event.record as never);
  if (owner !== undefined && reached.has(owner)) reached.add(name);
  if (!reached.has(name)) return;
  for (const other of namedBy[event.leaf.kind]?.(event.record as never) ?? []) {
    if (other) reached.add(other);
  }
  const { envelopeId } = event.leaf;
  const envelope = envelopeId === null ? undefined : evidence.envelopes.get(envelopeId);
  if (envelope) reached.add(`key/${envelope.envelope.keyId}`);
}
