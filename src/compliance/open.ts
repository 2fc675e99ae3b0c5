import { periodEndMs } from '../base/calendar.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { listingRecord, readListing, reviewNotOpened } from '../listing/state.ts';
import type { Listing } from '../listing/schema.ts';
import { exportThresholds2024, exportTier, type ExportTier } from './export-tier.ts';
import { runAutomaticChecks, settle } from './outcome.ts';
import { complianceResults } from './results.ts';
import { openCommand, type Review } from './schema.ts';
import { readReview, reviewOverdue, reviewRecord } from './state.ts';

/** The export path of all people in the product at once, by an exporter of no special standing. */
function tierOfOffer({ terms, level, personalInformation }: Listing): ExportTier | null {
  if (terms.territory.every((country) => country === 'CN')) return null;
  const { sensitive, peopleCount } = personalInformation;
  const facts = {
    importantData: level !== 'GENERAL',
    criticalInfrastructureOperator: false,
    people: sensitive ? 0n : BigInt(peopleCount),
    sensitivePeople: sensitive ? BigInt(peopleCount) : 0n,
  };
  return exportTier(facts, exportThresholds2024);
}

/**
 * Opens the review of a submitted revision and runs the automatic checks again: between submission
 * and now a right may have lapsed. Where one fails, the review has failed at once.
 */
export const open = defineOperation({
  number: 500,
  name: 'compliance.open',
  title: 'Open the compliance review of a listing',
  command: openCommand,
  roles: ['REVIEWER', 'OPERATOR'],
  apply(context, { reviewId, listingId }) {
    if (readReview(context, reviewId)) {
      return refuse(complianceResults.COMPLIANCE_REVIEW_EXISTS, `Review ${reviewId}.`);
    }
    const listing = readListing(context, listingId);
    if (!listing) {
      return refuse(complianceResults.COMPLIANCE_LISTING_NOT_FOUND, `Listing ${listingId}.`);
    }
    if (listing.state !== 'COMPLIANCE_REVIEW' || listing.reviewId !== null) {
      return refuse(
        complianceResults.COMPLIANCE_LISTING_STATE,
        `Listing ${listingId} is ${listing.state}, its review ${listing.reviewId ?? 'not open'}.`,
      );
    }
    const { rules, timeMs } = context;
    const dueAtMs = periodEndMs(timeMs, rules.periods.complianceReview, rules.calendar);
    const automatic = runAutomaticChecks(context, listing);
    const review: Review = {
      id: reviewId,
      state: 'OPEN',
      listingId,
      listingRevision: listing.revision,
      revisionRoot: listing.revisionRoot,
      seller: listing.seller,
      rulePackId: rules.id,
      rulePackVersion: rules.version,
      automatic,
      exportTierAtLeast: tierOfOffer(listing),
      decisions: [],
      chair: null,
      openedBy: context.actor.organisationId,
      openedAtMs: timeMs,
      dueAtMs,
      decidedAtMs: null,
      evidenceRoot: null,
    };
    context.write(reviewRecord, review, 'compliance.review-opened');
    context.write(
      listingRecord,
      { ...listing, reviewId, changedAtMs: timeMs },
      'listing.review-opened',
    );
    context.unschedule(reviewNotOpened, listingId);
    context.schedule(reviewOverdue, reviewId, dueAtMs);
    if (automatic.some(({ passed }) => !passed)) settle(context, review, 'FAILED');
    return success;
  },
});
