import { decisionCommitment } from '../../../src/compliance/decision.ts';
import { facts as listingFacts, wholeFile } from '../../listing/fixture.ts';
import { cast, digestOf } from '../cast.ts';
import { provedListingId, provedSeller, recordedProof } from '../real-proof.ts';
import { act, actor, anyOf, find, isRaised, type Act, type Scene } from '../scene.ts';
import type { Row } from '../view.ts';

export interface ListingRow extends Row {
  readonly seller: string;
  readonly revision: number;
  readonly registrationId: string;
  readonly sampleProof: string | null;
  readonly reviewId: string | null;
}

interface ReviewRow extends Row {
  readonly listingId: string;
  readonly seller: string;
  readonly decisions: readonly { organisationId: string; decision: string | null }[];
}

interface ValuationRow extends Row {
  readonly appraiser: string;
  readonly resultFen: bigint;
  readonly holders: readonly string[];
  readonly confirmations: readonly { organisationId: string }[];
}

interface RegistrationRow extends Row {
  readonly applicant: string;
  readonly rights: { readonly operate: boolean };
}

const dayMs = 86_400_000;

/** Fits the policy; the first listing's sample is the one that the recorded proof is of. */
export const productFacts = (timeMs: number) => ({
  ...listingFacts,
  sample: { ...listingFacts.sample, commitment: recordedProof.commitment },
  legalOpinion: {
    digest: digestOf('opinion'),
    issuer: 'law-firm',
    validUntilMs: timeMs + 900 * dayMs,
  },
});

/** Of the sizes of the pack, too: one that is too small for these rows, and one that is larger than is needed. */
function draftFacts({ timeMs, loose, random }: Scene) {
  const facts = productFacts(timeMs);
  const rows = loose || random.chance(0.2) ? random.pick([128, 2_048]) : undefined;
  if (rows === undefined) return facts;
  return { ...facts, sample: { ...facts.sample, circuitId: `k-anonymity-${rows}-k5`, rows } };
}

const listing = (scene: Scene, fits: (row: ListingRow) => boolean): ListingRow | undefined =>
  find<ListingRow>(scene, 'listing', fits);

const bySeller = (
  name: string,
  weight: number,
  fits: (row: ListingRow) => boolean,
  command: (row: ListingRow, scene: Scene) => Record<string, unknown> = () => ({}),
): Act =>
  act(name, weight, (scene) => {
    const row = listing(scene, fits);
    return row
      ? { by: actor(scene, row.seller), command: { listingId: row.id, ...command(row, scene) } }
      : null;
  });

const reason = { reason: 'for now' };

/** What a reviewer decides follows from its name and the review's: one in six finds it wanting. */
export function decisionOf(reviewId: string, organisationId: string) {
  const salt = digestOf(`${reviewId} by ${organisationId}`);
  const decision = Number.parseInt(salt.slice(0, 2), 16) < 43 ? 'FAIL' : 'PASS';
  return { salt, decision, reason: 'as examined' } as const;
}

const review = (scene: Scene, fits: (row: ReviewRow) => boolean): ReviewRow | undefined =>
  find<ReviewRow>(scene, 'review', fits);

function freshReviewer(scene: Scene, row: ReviewRow): string {
  const free = cast.filter(
    ({ id, roles, owner }) =>
      roles.includes('REVIEWER') &&
      (scene.loose || owner === null) &&
      !row.decisions.some(({ organisationId }) => organisationId === id),
  );
  return actor(scene, scene.random.pick(free)?.id ?? 'reviewer-1');
}

export const marketActs: readonly Act[] = [
  act('listing.draft', 1, (scene) => {
    if (!scene.loose && scene.view.all('listing').length > 3) return null;
    const right = find<RegistrationRow>(
      scene,
      'registration',
      ({ state, rights }) => state === 'ACTIVE' && rights.operate,
    );
    if (!right) return null;
    const first = scene.view.get('listing', provedListingId) === undefined;
    const proved = first && right.applicant === provedSeller;
    const listingId = proved ? provedListingId : scene.freshId('listing-x');
    const command = {
      listingId,
      registrationId: right.id,
      ...(proved ? productFacts(scene.timeMs) : draftFacts(scene)),
    };
    return { by: actor(scene, right.applicant), command };
  }),
  bySeller(
    'listing.edit',
    0.1,
    ({ state }) => state === 'DRAFT' || state === 'LISTED' || state === 'SUSPENDED',
    (_, scene) => draftFacts(scene),
  ),
  bySeller(
    'listing.prove-sample',
    3,
    ({ state, sampleProof }) => state === 'DRAFT' && sampleProof === null,
    () => ({ proof: recordedProof.proof }),
  ),
  act('listing.state-profile', 4, (scene) => {
    const row = isRaised(scene) && listing(scene, ({ state }) => state === 'DRAFT');
    return row
      ? { by: actor(scene, row.seller), command: { listingId: row.id, ...wholeFile } }
      : null;
  }),
  bySeller(
    'listing.submit-for-review',
    3,
    ({ state, sampleProof }) => state === 'DRAFT' && sampleProof !== null,
  ),
  bySeller(
    'listing.suspend',
    0.1,
    ({ state }) => state === 'LISTED',
    () => reason,
  ),
  bySeller('listing.resume', 3, ({ state }) => state === 'SUSPENDED'),
  bySeller(
    'listing.delist',
    0.03,
    ({ state }) => state !== 'COMPLIANCE_REVIEW' && state !== 'DELISTED',
    () => reason,
  ),
  act('compliance.open', 3, (scene) => {
    const row = listing(
      scene,
      ({ state, reviewId }) => state === 'COMPLIANCE_REVIEW' && reviewId === null,
    );
    if (!row) return null;
    const command = { reviewId: scene.freshId('review'), listingId: row.id };
    return { by: actor(scene, anyOf(scene, 'reviewer')), command };
  }),
  act('compliance.commit', 4, (scene) => {
    const row = review(scene, ({ state }) => state === 'OPEN' || state === 'COMMITTED_ONE');
    if (!row) return null;
    const by = freshReviewer(scene, row);
    const { salt, decision, reason: why } = decisionOf(row.id, by);
    const commitment = decisionCommitment(salt, row.id, decision, why);
    return { by, command: { reviewId: row.id, commitment } };
  }),
  act('compliance.reveal', 5, (scene) => {
    const row = review(scene, ({ state }) => state === 'COMMITTED_BOTH');
    const own = row?.decisions.find(({ decision }) => decision === null) ?? row?.decisions[0];
    if (!row || !own) return null;
    const opened = decisionOf(row.id, own.organisationId);
    return { by: actor(scene, own.organisationId), command: { reviewId: row.id, ...opened } };
  }),
  act('compliance.chair', 4, (scene) => {
    const row = review(scene, ({ state }) => state === 'SPLIT');
    if (!row) return null;
    const decision = scene.random.chance(0.7) ? 'PASS' : 'FAIL';
    const command = { reviewId: row.id, decision, reason: 'as chair' };
    return { by: freshReviewer(scene, row), command };
  }),
  act('pricing.submit-valuation', 0.4, (scene) => {
    const row = listing(scene, ({ state }) => state === 'LISTED');
    if (!row) return null;
    const command = {
      valuationId: scene.freshId('valuation'),
      subjectId: row.id,
      subjectRevision: row.revision,
      method: 'COST',
      methodVersion: scene.loose ? 9 : 1,
      inputsCommitment: digestOf('inputs'),
      holders: ['seller-1', 'buyer-1', 'reviewer-1', 'buyer-2'],
      resultFen: BigInt(1_000_000 + scene.random.below(9_000_000)),
    };
    return { by: actor(scene, 'appraiser-1'), command };
  }),
  act('pricing.confirm-valuation', 0.6, (scene) => {
    const row = find<ValuationRow>(scene, 'valuation', ({ state }) => state !== 'WITHDRAWN');
    if (!row) return null;
    const anybody = scene.random.pick(cast)?.id ?? 'buyer-1';
    const by = scene.loose ? anybody : (scene.random.pick(row.holders) ?? anybody);
    const resultFen = row.resultFen + (scene.random.chance(0.8) ? 0n : 1n);
    return { by, command: { valuationId: row.id, resultFen } };
  }),
  act('pricing.withdraw-valuation', 0.1, (scene) => {
    const row = find<ValuationRow>(scene, 'valuation', ({ state }) => state === 'SUBMITTED');
    return row
      ? { by: actor(scene, row.appraiser), command: { valuationId: row.id, reason: 'an error' } }
      : null;
  }),
];
