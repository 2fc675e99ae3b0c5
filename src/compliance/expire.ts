import type { Deadline } from '../base/room.ts';
import { settle } from './outcome.ts';
import { readReview, reviewOverdue } from './state.ts';
import { nextState } from './transitions.ts';

/** A review that is not decided in time ends, and the listing goes back to its seller. */
export const expire: Deadline = {
  name: reviewOverdue,
  apply(ledger, reviewId) {
    const review = readReview(ledger, reviewId);
    if (review && nextState(review, 'expire').ok) settle(ledger, review, 'EXPIRED');
  },
};
