import { periodEndMs } from '../base/calendar.ts';
import { success } from '../base/result.ts';
import { defineOperation, type Deadline } from '../base/room.ts';
import { listingCommand } from './schema.ts';
import { listingRecord, readListing, reviewNotOpened } from './state.ts';
import { openOwnListing } from './transitions.ts';
import { checkListing } from './types.ts';

/** The seller submits a revision of which everything holds that needs no judgement. */
export const submitForReview = defineOperation({
  number: 403,
  name: 'listing.submit-for-review',
  title: 'Submit a listing for compliance review',
  command: listingCommand,
  roles: ['SELLER'],
  apply(context, { listingId }) {
    const opened = openOwnListing(context, listingId, 'submit');
    if (!opened.ok) return opened;
    const { listing, next } = opened.value;
    const checked = checkListing(context, listing);
    if (!checked.ok) return checked;
    const { rules, timeMs } = context;
    context.write(
      listingRecord,
      { ...listing, state: next, reviewId: null, changedAtMs: timeMs },
      'listing.submitted',
    );
    const dueAtMs = periodEndMs(timeMs, rules.periods.complianceReview, rules.calendar);
    context.schedule(reviewNotOpened, listingId, dueAtMs);
    return success;
  },
});

/** Nobody opened a review in time: the listing goes back to its seller instead of being stuck. */
export const returnUnreviewed: Deadline = {
  name: reviewNotOpened,
  period: 'complianceReview',
  apply(ledger, listingId) {
    const listing = readListing(ledger, listingId);
    if (listing?.state !== 'COMPLIANCE_REVIEW' || listing.reviewId !== null) return;
    ledger.write(
      listingRecord,
      { ...listing, state: 'DRAFT', changedAtMs: ledger.timeMs },
      'listing.returned',
    );
  },
};
