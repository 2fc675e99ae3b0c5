/** The first block: everybody is admitted, and in most runs a product is on the market with it. */
import { decisionCommitment } from '../../src/compliance/decision.ts';
import { decisionOf, productFacts } from './acts/market.ts';
import { registrationFacts } from './acts/rights.ts';
import { admission, beginMs, cast, keyOf } from './cast.ts';
import { encodeMove, type Generator } from './generator.ts';
import { provedListingId, provedSeller, recordedProof } from './real-proof.ts';

type Step = readonly [name: string, command: Record<string, unknown>];

const registrationId = 'registration-0';

/** A review whose two reviewers, by decisionOf, both find nothing wanting. */
const reviewId =
  Array.from({ length: 100 }, (_, index) => `review-0-${index}`).find((id) =>
    ['reviewer-1', 'reviewer-2'].every((by) => decisionOf(id, by).decision === 'PASS'),
  ) ?? 'review-0';

const commit = (by: string): Step => {
  const { salt, decision, reason } = decisionOf(reviewId, by);
  return [
    'compliance.commit',
    { reviewId, commitment: decisionCommitment(salt, reviewId, decision, reason) },
  ];
};

const reveal = (by: string): Step => [
  'compliance.reveal',
  { reviewId, ...decisionOf(reviewId, by) },
];

const listingId = provedListingId;

const toMarket: readonly (readonly [by: string, ...steps: Step[]])[] = [
  [provedSeller, ['rights.submit', { registrationId, ...registrationFacts(registrationId) }]],
  [
    'registrar-1',
    ['rights.accept', { registrationId }],
    ['rights.begin-review', { registrationId }],
    ['rights.waive-publicity', { registrationId, reason: 'as examined' }],
    ['rights.certify', { registrationId, registrarCode: '311' }],
  ],
  [
    provedSeller,
    ['listing.draft', { listingId, registrationId, ...productFacts(beginMs) }],
    ['listing.prove-sample', { listingId, proof: recordedProof.proof }],
    ['listing.submit-for-review', { listingId }],
  ],
  ['reviewer-1', ['compliance.open', { reviewId, listingId }], commit('reviewer-1')],
  ['reviewer-2', commit('reviewer-2'), reveal('reviewer-2')],
  ['reviewer-1', reveal('reviewer-1')],
];

export function prologue(generator: Generator, withProduct: boolean): Uint8Array[] {
  const standing = { height: 0, timeMs: beginMs, nextSequence: () => 1 };
  const admissions: Step[] = cast.map((it) => ['identity.admit', admission(it)]);
  const acting = withProduct ? toMarket : [];
  return [['operator', ...admissions] as const, ...acting].map(([by, ...steps]) =>
    generator.sign(
      standing,
      keyOf(by),
      steps.map(([name, command]) => encodeMove({ name, command })),
    ),
  );
}
