import { assert } from '../base/assert.ts';
import type { Deadline } from '../base/room.ts';
import { settle } from './outcome.ts';
import { readReview, reviewOverdue, reviewRecord } from './state.ts';
import { nextState } from './transitions.ts';

/** A review that is not decided in time ends, and the listing goes back to its seller. */
export const expire: Deadline = {
  name: reviewOverdue,
  period: 'complianceReview',
  putOff(ledger, reviewId, dueAtMs) {
    const review = readReview(ledger, reviewId);
    assert(review, 'a deadline is about a review');
    ledger.write(reviewRecord, { ...review, dueAtMs }, 'compliance.deadline-put-off');
  },
  apply(ledger, reviewId) {
    const review = readReview(ledger, reviewId);
    if (review && nextState(review, 'expire').ok) settle(ledger, review, 'EXPIRED');
  },
};
