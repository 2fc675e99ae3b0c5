import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { checkFacts } from './facts.ts';
import { listingResults } from './results.ts';
import { editCommand, revisionsMax } from './schema.ts';
import { listingRecord, revisionOf, revisionRootOf } from './state.ts';
import { openOwnListing } from './transitions.ts';

/**
 * An edit is a new revision: it leaves the market, loses its proof and is reviewed anew. Whoever
 * bought an earlier revision keeps its terms, which stand in his trade.
 */
export const edit = defineOperation({
  number: 401,
  name: 'listing.edit',
  title: 'Edit a listing: a new revision',
  command: editCommand,
  roles: ['SELLER'],
  apply(context, { listingId, ...facts }) {
    const opened = openOwnListing(context, listingId, 'edit');
    if (!opened.ok) return opened;
    const checked = checkFacts(context, facts);
    if (!checked.ok) return checked;
    const { listing, next } = opened.value;
    if (listing.revision >= revisionsMax) {
      return refuse(listingResults.LISTING_REVISIONS_EXHAUSTED, `Listing ${listingId}.`);
    }
    const revision = listing.revision + 1;
    context.write(
      listingRecord,
      {
        ...listing,
        ...facts,
        state: next,
        revision,
        revisionRoot: revisionRootOf({ ...revisionOf(listing), ...facts, revision }),
        sampleProof: null,
        listedAtMs: null,
        reviewId: null,
        changedAtMs: context.timeMs,
      },
      'listing.edited',
    );
    return success;
  },
});
