import { refuse, successWith, type Outcome } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import { complianceResults } from './results.ts';
import { reviewStates, type Review, type ReviewState } from './schema.ts';
import { readReview } from './state.ts';

export type ReviewVerb =
  | 'fail-checks'
  | 'commit'
  | 'reveal-first'
  | 'reveal-pass'
  | 'reveal-fail'
  | 'reveal-split'
  | 'chair-pass'
  | 'chair-fail'
  | 'expire';

/** From a state by a verb to a state; what is not here is refused. Where an automatic check fails
 * at the end, PASSED becomes FAILED: see settle in outcome.ts. */
export const reviewTransitions: Readonly<
  Record<ReviewState, Partial<Record<ReviewVerb, ReviewState>>>
> = {
  OPEN: { 'fail-checks': 'FAILED', commit: 'COMMITTED_ONE', expire: 'EXPIRED' },
  COMMITTED_ONE: { commit: 'COMMITTED_BOTH', expire: 'EXPIRED' },
  COMMITTED_BOTH: {
    'reveal-first': 'COMMITTED_BOTH',
    'reveal-pass': 'PASSED',
    'reveal-fail': 'FAILED',
    'reveal-split': 'SPLIT',
    expire: 'EXPIRED',
  },
  SPLIT: { 'chair-pass': 'PASSED', 'chair-fail': 'FAILED', expire: 'EXPIRED' },
  PASSED: {},
  FAILED: {},
  EXPIRED: {},
};

/** The state that `verb` leads to, or COMPLIANCE_STATE. */
export function nextState(review: Review, verb: ReviewVerb): Outcome<ReviewState> {
  const next = reviewTransitions[review.state][verb];
  if (next) return successWith(next);
  const allowed = reviewStates.filter((state) => reviewTransitions[state][verb]);
  return refuse(
    complianceResults.COMPLIANCE_STATE,
    `Review ${review.id} is ${review.state}; needs ${allowed.join(' or ')}.`,
  );
}

export function findReview(ledger: Ledger, reviewId: string): Outcome<Review> {
  const review = readReview(ledger, reviewId);
  return review
    ? successWith(review)
    : refuse(complianceResults.COMPLIANCE_REVIEW_NOT_FOUND, `Review ${reviewId}.`);
}
