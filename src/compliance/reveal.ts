import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import { defineOperation, type Context } from '../base/room.ts';
import { decisionCommitment } from './decision.ts';
import { settle } from './outcome.ts';
import { complianceResults } from './results.ts';
import { revealCommand, type Decision, type Review } from './schema.ts';
import { reviewRecord } from './state.ts';
import { findReview, nextState } from './transitions.ts';

/** What the actor committed to and has not revealed yet. */
function findOwnDecision({ actor }: Context, review: Review): Outcome<Decision> {
  const own = review.decisions.find(
    ({ organisationId }) => organisationId === actor.organisationId,
  );
  const where = `${actor.organisationId} in review ${review.id}.`;
  if (!own) return refuse(complianceResults.COMPLIANCE_NOT_COMMITTED, where);
  if (own.decision !== null) return refuse(complianceResults.COMPLIANCE_ALREADY_REVEALED, where);
  return successWith(own);
}

/**
 * A reviewer shows what he committed to; possible only once both have committed. The second of
 * two equal decisions ends the review; of two unequal ones, calls the chair.
 */
export const reveal = defineOperation({
  number: 502,
  name: 'compliance.reveal',
  title: 'Reveal a committed review decision',
  command: revealCommand,
  roles: ['REVIEWER'],
  apply(context, { reviewId, decision, reason, salt }) {
    const found = findReview(context, reviewId);
    if (!found.ok) return found;
    const review = found.value;
    const open = nextState(review, 'reveal-first');
    if (!open.ok) return open;
    const own = findOwnDecision(context, review);
    if (!own.ok) return own;
    if (decisionCommitment(salt, reviewId, decision, reason) !== own.value.commitment) {
      return refuse(complianceResults.COMPLIANCE_COMMITMENT_MISMATCH, `Review ${reviewId}.`);
    }
    const revealed = { ...own.value, decision, reason, revealedAtMs: context.timeMs };
    const decisions = review.decisions.map((each) => (each === own.value ? revealed : each));
    const next = nextState(review, verbOf(decisions));
    if (!next.ok) return next;
    const after: Review = { ...review, decisions, state: next.value };
    if (after.state === 'PASSED' || after.state === 'FAILED') {
      context.write(
        reviewRecord,
        { ...after, state: review.state },
        'compliance.decision-revealed',
      );
      settle(context, after, after.state);
    } else {
      context.write(reviewRecord, after, 'compliance.decision-revealed');
    }
    return success;
  },
});

function verbOf(decisions: readonly Decision[]) {
  const [first, second] = decisions.map(({ decision }) => decision);
  if (first === null || second === null) return 'reveal-first';
  if (first !== second) return 'reveal-split';
  return first === 'PASS' ? 'reveal-pass' : 'reveal-fail';
}
