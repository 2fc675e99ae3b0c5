import { assert } from '../base/assert.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { readListing } from '../listing/state.ts';
import { checkIndependence } from './independence.ts';
import { complianceResults } from './results.ts';
import { commitCommand } from './schema.ts';
import { reviewRecord } from './state.ts';
import { findReview, nextState } from './transitions.ts';

/** A reviewer commits to a decision that nobody can read until both have committed. */
export const commit = defineOperation({
  number: 501,
  name: 'compliance.commit',
  title: 'Commit to a review decision',
  command: commitCommand,
  roles: ['REVIEWER'],
  apply(context, { reviewId, commitment }) {
    const found = findReview(context, reviewId);
    if (!found.ok) return found;
    const review = found.value;
    const next = nextState(review, 'commit');
    if (!next.ok) return next;
    const listing = readListing(context, review.listingId);
    assert(listing, 'what is under review is listed');
    const independent = checkIndependence(context, review, listing);
    if (!independent.ok) return independent;
    if (review.decisions.some((earlier) => earlier.commitment === commitment)) {
      return refuse(complianceResults.COMPLIANCE_COMMITMENT_COPIED, `Review ${reviewId}.`);
    }
    const decision = {
      organisationId: context.actor.organisationId,
      keyId: context.actor.keyId,
      commitment,
      decision: null,
      reason: null,
      atMs: context.timeMs,
      revealedAtMs: null,
    };
    context.write(
      reviewRecord,
      { ...review, state: next.value, decisions: [...review.decisions, decision] },
      'compliance.decision-committed',
    );
    return success;
  },
});
