import { assert } from '../base/assert.ts';
import { success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { readListing } from '../listing/state.ts';
import { checkIndependence } from './independence.ts';
import { settle } from './outcome.ts';
import { chairCommand } from './schema.ts';
import { findReview, nextState } from './transitions.ts';

/** Where the two reviewers differ, a third organisation, as independent as they, decides. */
export const chair = defineOperation({
  number: 503,
  name: 'compliance.chair',
  title: 'Decide a split review as its chair',
  command: chairCommand,
  roles: ['REVIEWER'],
  apply(context, { reviewId, decision, reason }) {
    const found = findReview(context, reviewId);
    if (!found.ok) return found;
    const review = found.value;
    const next = nextState(review, decision === 'PASS' ? 'chair-pass' : 'chair-fail');
    if (!next.ok) return next;
    const listing = readListing(context, review.listingId);
    assert(listing, 'what is under review is listed');
    const independent = checkIndependence(context, review, listing);
    if (!independent.ok) return independent;
    const { organisationId, keyId } = context.actor;
    const chaired = { organisationId, keyId, decision, reason, atMs: context.timeMs };
    settle(context, { ...review, chair: chaired }, decision === 'PASS' ? 'PASSED' : 'FAILED');
    return success;
  },
});
