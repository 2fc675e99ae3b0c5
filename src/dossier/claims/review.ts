/** C09: two organisations decided apart from each other, and neither is close to a party. */
import { concat, fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { encodeCbor, type CborValue } from '../../base/cbor.ts';
import { toCbor } from '../../base/codec.ts';
import { taggedHashHex } from '../../base/hash.ts';
import { leafHash, MerkleLog } from '../../base/merkle.ts';
import {
  automaticSchema,
  chairSchema,
  decisionSchema,
  type Review,
} from '../../compliance/schema.ts';
import { reviewRecord } from '../../compliance/state.ts';
import { areRelated, isOfHouse } from '../../identity/state.ts';
import type { Listing } from '../../listing/schema.ts';
import { causeOf, historyOf, lastShown, type Evidence, type LoggedEvent } from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { checkSteps } from '../steps.ts';
import { eachTrade, tradesOf, type TradeView } from '../trades.ts';
import { whenText } from '../words.ts';
import { tradedListing } from './listing.ts';

export function judgeReview(evidence: Evidence): Finding {
  const steps = checkSteps(evidence, ['review']);
  const finding = eachTrade(evidence, tradesOf(evidence), 'there is no trade', (trade) =>
    judgeOne(evidence, trade),
  );
  return { ...finding, problems: [...steps, ...finding.problems] };
}

type Event = LoggedEvent<Review>;

function judgeOne(evidence: Evidence, trade: TradeView): Finding {
  const listing = tradedListing(evidence, trade);
  if (!listing || listing.reviewId === null) return { problems: ['its listing names no review'] };
  const history = historyOf(evidence, reviewRecord, listing.reviewId);
  const passed = history.find(({ leaf }) => leaf.name === 'compliance.review-passed');
  if (!passed) return { problems: [`review ${listing.reviewId} has not passed here`] };
  const review = passed.record;
  return {
    problems: [
      ...checkSubject(evidence, review, listing),
      ...checkDecisions(evidence, history, review),
      ...checkIndependence(evidence, passed, [listing.seller, trade.last.buyer], listing),
    ],
    facts: decisionFacts(evidence, passed.record),
  };
}

/** Every decision in its own words, and the chair's, which was taken with both in sight. */
function decisionFacts(evidence: Evidence, { id, decisions, chair }: Review): string[] {
  const facts = decisions.map(
    ({ organisationId, decision, reason, atMs }) =>
      `${organisationId} decided ${decision ?? 'nothing'} in review ${id}, committed on ` +
      `${whenText(evidence, atMs)}: “${reason ?? ''}”`,
  );
  return chair
    ? [
        ...facts,
        `the two differed: ${chair.organisationId} decided ${chair.decision} as chair, having seen ` +
          `both, on ${whenText(evidence, chair.atMs)}: “${chair.reason}”`,
      ]
    : facts;
}

function checkSubject({ genesis }: Evidence, review: Review, listing: Listing): string[] {
  const found: string[] = [];
  const same =
    review.listingId === listing.id &&
    review.listingRevision === listing.revision &&
    review.revisionRoot === listing.revisionRoot &&
    review.seller === listing.seller;
  if (!same) found.push('the review is of another listing or revision');
  const { id, version } = genesis.rules;
  if (review.rulePackId !== id || review.rulePackVersion !== version) {
    found.push('the review went by another rule pack');
  }
  const failed = review.automatic.find((check) => !check.passed);
  if (failed) found.push(`the automatic check ${failed.check} did not pass`);
  if (review.evidenceRoot !== evidenceRootOf(review)) {
    found.push('the evidence root does not follow from checks and decisions');
  }
  return found;
}

/** RFC 6962 root over CBOR of: what was reviewed, each check, each decision, the chair's. */
function evidenceRootOf(review: Review): Hex {
  const { listingId, listingRevision, revisionRoot, automatic, decisions, chair } = review;
  const items: readonly CborValue[] = [
    [listingId, BigInt(listingRevision), fromHex(revisionRoot)],
    ...automatic.map((check) => toCbor(automaticSchema, check)),
    ...decisions.map((decision) => toCbor(decisionSchema, decision)),
    ...(chair ? [toCbor(chairSchema, chair)] : []),
  ];
  const tree = new MerkleLog();
  for (const item of items) tree.append(leafHash(encodeCbor(item)));
  return toHex(tree.root());
}

function checkDecisions(evidence: Evidence, history: readonly Event[], review: Review): string[] {
  const found: string[] = [];
  const { decisions, chair } = review;
  const passes = decisions.filter(({ decision }) => decision === 'PASS').length;
  if (decisions.length !== 2) found.push(`${decisions.length} decisions where two belong`);
  const lawful = passes === 2 ? chair === null : passes === 1 && chair?.decision === 'PASS';
  if (!lawful) found.push('the decisions do not pass the listing');
  // Who copied what another had committed to could show it as his own once that was revealed.
  if (new Set(decisions.map((it) => it.commitment)).size !== decisions.length) {
    found.push('one commitment is a copy of another');
  }
  const committed = history.findLast(({ leaf }) => leaf.name === 'compliance.decision-committed');
  const reveals = history.filter(({ leaf }) => leaf.name === 'compliance.decision-revealed');
  const [firstReveal] = reveals;
  if (!committed || !firstReveal || firstReveal.logIndex < committed.logIndex) {
    found.push('a decision was shown before both had committed');
  }
  for (const { organisationId, commitment, decision, reason } of decisions) {
    const opened = reveals.some((event) => {
      const { decision: said, reason: why, salt } = causeOf(evidence, event)?.command ?? {};
      return (
        said === decision &&
        why === reason &&
        typeof salt === 'string' &&
        openingOf(salt, review.id, String(said), String(why)) === commitment
      );
    });
    if (!opened) found.push(`what ${organisationId} committed to is not what it decided`);
  }
  return found;
}

const openingOf = (salt: Hex, reviewId: string, decision: string, reason: string): Hex =>
  taggedHashHex(
    'dxl/review-decision/1',
    concat(fromHex(salt), encodeCbor([reviewId, decision, reason])),
  );

/** By the rooms' rule of relatedness: of the seller's house, which they refuse, and of the buyer's. */
function checkIndependence(
  evidence: Evidence,
  { record }: Event,
  parties: readonly string[],
  listing: Listing,
): string[] {
  const records = lastShown(evidence);
  const reviewers = record.decisions.map(({ organisationId }) => organisationId);
  if (record.chair) reviewers.push(record.chair.organisationId);
  const found: string[] = [];
  if (new Set(reviewers).size !== reviewers.length) found.push('one organisation decided twice');
  for (const [at, id] of reviewers.entries()) {
    const other = reviewers.slice(at + 1).find((it) => it !== id && areRelated(records, id, it));
    if (other) found.push(`${id} and ${other} are of one house`);
    const party = parties.find((it) => areRelated(records, id, it));
    if (party) found.push(party === id ? `${id} is a party` : `${id} is of the house of ${party}`);
    const author = listing.legalOpinion?.issuer;
    if (author !== undefined && isOfHouse(records, id, author)) {
      found.push(`${id} is of the house that wrote the legal opinion`);
    }
  }
  return found;
}
