import { toHex } from '../../base/bytes.ts';
import { decisionCommitment } from '../../compliance/decision.ts';
import { commitCommand, openCommand, revealCommand } from '../../compliance/schema.ts';
import { act, ids, newSalt, type Scenario } from '../scenario.ts';

const reviewId = ids.review;

/** Two organisations decide; neither sees the other's decision before it has committed its own. */
export async function playReview({ stage, player }: Scenario): Promise<void> {
  stage.act('Compliance review 合规审查: four eyes');
  await stage.step('reviewer-a', 'opens the review; the automatic checks run', () =>
    player('reviewer-a').submit(
      act('compliance.open', openCommand, { reviewId, listingId: ids.listing }),
    ),
  );
  const opinions = [
    {
      reviewer: 'reviewer-a',
      reason: 'Source, schema and sample are in order.',
      salt: toHex(newSalt()),
    },
    {
      reviewer: 'reviewer-b',
      reason: 'No personal information; lawful source.',
      salt: toHex(newSalt()),
    },
  ];
  for (const { reviewer, reason, salt } of opinions) {
    await stage.step(reviewer, 'commits to a decision that nobody can read yet', () =>
      player(reviewer).submit(
        act('compliance.commit', commitCommand, {
          reviewId,
          commitment: decisionCommitment(salt, reviewId, 'PASS', reason),
        }),
      ),
    );
  }
  for (const { reviewer, reason, salt } of opinions) {
    await stage.step(reviewer, 'reveals it: PASS, with the reason', () =>
      player(reviewer).submit(
        act('compliance.reveal', revealCommand, {
          reviewId,
          decision: 'PASS',
          reason,
          salt,
        }),
      ),
    );
  }
}
