import {
  digest,
  flag,
  identifier,
  integer,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../base/schema.ts';
import { exportTiers } from './export-tier.ts';

export const reviewStates = [
  'OPEN',
  'COMMITTED_ONE',
  'COMMITTED_BOTH',
  'SPLIT',
  'PASSED',
  'FAILED',
  'EXPIRED',
] as const;
export type ReviewState = (typeof reviewStates)[number];

export const reviewDecisions = ['PASS', 'FAIL'] as const;
export type ReviewDecision = (typeof reviewDecisions)[number];

const reason = () => text(400, 'Why; names no person');

export const decisionSchema = record({
  organisationId: identifier(),
  keyId: digest('Key that committed'),
  commitment: digest('H(dxl/review-decision/1, salt ‖ CBOR [review, decision, reason])'),
  decision: nullable(oneOf(reviewDecisions)),
  reason: nullable(reason()),
  atMs: timeMs('When it was committed'),
  revealedAtMs: nullable(timeMs()),
});
export type Decision = Static<typeof decisionSchema>;

export const automaticSchema = record({ check: identifier(), passed: flag() });

export const chairSchema = record({
  organisationId: identifier(),
  keyId: digest('Key that decided'),
  decision: oneOf(reviewDecisions),
  reason: reason(),
  atMs: timeMs(),
});

export const reviewSchema = record({
  id: identifier(),
  state: oneOf(reviewStates),
  listingId: identifier(),
  listingRevision: integer(1, 1_000_000),
  revisionRoot: digest('Root of the listing’s revision under review'),
  seller: identifier('Organisation'),
  rulePackId: identifier(),
  rulePackVersion: text(40),
  /** As last run: when the review was opened, and again when people passed the listing. */
  automatic: list(automaticSchema, 0, 64),
  /** Null where the offered territory is the exchange's own country alone. Earlier exports of the
   * year, which the listing does not know, can make the path heavier. */
  exportTierAtLeast: nullable(oneOf(exportTiers, 'Path that a sale abroad needs at least')),
  decisions: list(decisionSchema, 0, 2),
  chair: nullable(chairSchema),
  openedBy: identifier('Organisation'),
  openedAtMs: timeMs(),
  dueAtMs: timeMs(),
  decidedAtMs: nullable(timeMs()),
  /** RFC 6962 root over what the outcome rests on: see outcome.ts. */
  evidenceRoot: nullable(digest('Merkle root of checks and decisions')),
});
export type Review = Static<typeof reviewSchema>;

export const openCommand = record({ reviewId: identifier(), listingId: identifier() });

export const commitCommand = record({
  reviewId: identifier(),
  commitment: digest('H(dxl/review-decision/1, salt ‖ CBOR [review, decision, reason])'),
});

export const revealCommand = record({
  reviewId: identifier(),
  decision: oneOf(reviewDecisions),
  reason: reason(),
  salt: digest('32 random bytes, hex'),
});

export const chairCommand = record({
  reviewId: identifier(),
  decision: oneOf(reviewDecisions),
  reason: reason(),
});
