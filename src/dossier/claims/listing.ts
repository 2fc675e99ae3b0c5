/** C08: the listing in the revision that was traded. */
import type { Listing } from '../../listing/schema.ts';
import { listingRecord, revisionOf, revisionRootOf } from '../../listing/state.ts';
import { eventsOf, recordBefore, type Evidence } from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { checkSteps } from '../steps.ts';
import { eachTrade, tradesOf, type TradeView } from '../trades.ts';

export function judgeListing(evidence: Evidence): Finding {
  const found = checkSteps(evidence, ['listing', 'listing-profile']);
  for (const { logIndex, record } of eventsOf(evidence, listingRecord)) {
    if (revisionRootOf(revisionOf(record)) !== record.revisionRoot) {
      found.push(`leaf ${logIndex}: the revision root does not follow from the listing`);
    }
  }
  const finding = eachTrade(evidence, tradesOf(evidence), 'there is no trade', (trade) =>
    judgeOne(evidence, trade),
  );
  return { ...finding, problems: [...found, ...finding.problems] };
}

/** The listing as it stood when the trade was agreed, or (not agreed) requested. */
export function tradedListing(evidence: Evidence, trade: TradeView): Listing | null {
  const reference = trade.agreed ?? trade.history[0];
  if (!reference) return null;
  return recordBefore(evidence, listingRecord, trade.last.listingId, reference.logIndex);
}

function judgeOne(evidence: Evidence, trade: TradeView): Finding {
  const { listingId, listingRevision, revisionRoot, seller, registrationId } = trade.last;
  const [requested] = trade.history;
  const moments = [requested, trade.agreed].flatMap((event) => (event ? [event] : []));
  const found: string[] = [];
  for (const { logIndex, leaf } of moments) {
    const listing = recordBefore(evidence, listingRecord, listingId, logIndex);
    const same =
      listing?.state === 'LISTED' &&
      listing.revision === listingRevision &&
      listing.revisionRoot === revisionRoot;
    if (!same) found.push(`at ${leaf.name} revision ${listingRevision} was not listed`);
    if (listing && listing.seller !== seller) found.push(`the listing is not of ${seller}`);
    if (listing && listing.registrationId !== registrationId) {
      found.push('the listing rests on another registration');
    }
  }
  return {
    problems: found,
    facts: [`listing ${listingId} revision ${listingRevision}, root ${revisionRoot}`],
  };
}
