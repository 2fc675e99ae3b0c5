import { assert } from '../base/assert.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import type { Context } from '../base/room.ts';
import type { Organisation } from '../identity/schema.ts';
import { readOrganisation } from '../identity/state.ts';
import type { Listing } from '../listing/schema.ts';
import { complianceResults } from './results.ts';
import type { Review } from './schema.ts';

const shareOwner = (left: Organisation | null, right: Organisation | null): boolean =>
  left !== null &&
  right !== null &&
  left.beneficialOwner !== null &&
  left.beneficialOwner === right.beneficialOwner;

/**
 * Whether the acting organisation may decide on the listing: not the seller's, not of its
 * beneficial owner, not the author of the legal opinion, and of another organisation and owner
 * than whoever has decided in this review.
 */
export function checkIndependence(context: Context, review: Review, listing: Listing): Outcome {
  const { organisationId } = context.actor;
  const reviewer = readOrganisation(context, organisationId);
  assert(reviewer, 'who signs has an organisation');
  const seller = readOrganisation(context, review.seller);
  const { COMPLIANCE_CONFLICT_OF_INTEREST, COMPLIANCE_NOT_INDEPENDENT } = complianceResults;
  if (organisationId === review.seller) {
    return refuse(COMPLIANCE_CONFLICT_OF_INTEREST, `${organisationId} is the seller.`);
  }
  if (shareOwner(reviewer, seller)) {
    return refuse(
      COMPLIANCE_CONFLICT_OF_INTEREST,
      `${organisationId} has the seller’s beneficial owner.`,
    );
  }
  const issuer = listing.legalOpinion?.issuer;
  if (issuer === organisationId || issuer === reviewer.name) {
    return refuse(
      COMPLIANCE_CONFLICT_OF_INTEREST,
      `${organisationId} is the author of the legal opinion.`,
    );
  }
  const close = review.decisions.find(
    (earlier) =>
      earlier.organisationId === organisationId ||
      shareOwner(reviewer, readOrganisation(context, earlier.organisationId)),
  );
  return close
    ? refuse(COMPLIANCE_NOT_INDEPENDENT, `${organisationId} of ${close.organisationId}.`)
    : success;
}
