import { refuse, success, type Outcome } from '../base/result.ts';
import type { Context } from '../base/room.ts';
import { areRelated, isOfHouse } from '../identity/state.ts';
import type { Listing } from '../listing/schema.ts';
import { complianceResults } from './results.ts';
import type { Review } from './schema.ts';

/**
 * Whether the acting organisation may decide on the listing: not the seller's nor related to
 * it, not of the house of the legal opinion's author, and unrelated to whoever has decided in this review.
 */
export function checkIndependence(context: Context, review: Review, listing: Listing): Outcome {
  const { organisationId } = context.actor;
  const { COMPLIANCE_CONFLICT_OF_INTEREST, COMPLIANCE_NOT_INDEPENDENT } = complianceResults;
  if (organisationId === review.seller) {
    return refuse(COMPLIANCE_CONFLICT_OF_INTEREST, `${organisationId} is the seller.`);
  }
  if (areRelated(context, organisationId, review.seller)) {
    return refuse(COMPLIANCE_CONFLICT_OF_INTEREST, `${organisationId} is related to the seller.`);
  }
  const issuer = listing.legalOpinion?.issuer;
  if (issuer !== undefined && isOfHouse(context, organisationId, issuer)) {
    return refuse(
      COMPLIANCE_CONFLICT_OF_INTEREST,
      `${organisationId} is of the house of the legal opinion’s author.`,
    );
  }
  const close = review.decisions.find((earlier) =>
    areRelated(context, earlier.organisationId, organisationId),
  );
  return close
    ? refuse(COMPLIANCE_NOT_INDEPENDENT, `${organisationId} of ${close.organisationId}.`)
    : success;
}
