import { refuse, successWith, type Outcome } from '../base/result.ts';
import type { Context } from '../base/room.ts';
import { listingResults } from './results.ts';
import { listingStates, type Listing, type ListingState } from './schema.ts';
import { readListing } from './state.ts';

export type ListingVerb =
  'edit' | 'prove-sample' | 'state-profile' | 'submit' | 'suspend' | 'resume' | 'delist';

/** From a state by a seller's verb to a state; what is not here is refused. Out of
 * COMPLIANCE_REVIEW leads only the review: to LISTED, or back to DRAFT. */
export const listingTransitions: Readonly<
  Record<ListingState, Partial<Record<ListingVerb, ListingState>>>
> = {
  DRAFT: {
    edit: 'DRAFT',
    'prove-sample': 'DRAFT',
    'state-profile': 'DRAFT',
    submit: 'COMPLIANCE_REVIEW',
    delist: 'DELISTED',
  },
  COMPLIANCE_REVIEW: {},
  LISTED: { edit: 'DRAFT', suspend: 'SUSPENDED', delist: 'DELISTED' },
  SUSPENDED: { edit: 'DRAFT', resume: 'LISTED', delist: 'DELISTED' },
  DELISTED: {},
};

export interface OwnListing {
  readonly listing: Listing;
  readonly next: ListingState;
}

/** The actor's own listing and the state that `verb` leads it to. */
export function openOwnListing(
  context: Context,
  listingId: string,
  verb: ListingVerb,
): Outcome<OwnListing> {
  const listing = readListing(context, listingId);
  if (!listing) return refuse(listingResults.LISTING_NOT_FOUND, `Listing ${listingId}.`);
  if (listing.seller !== context.actor.organisationId) {
    return refuse(
      listingResults.LISTING_NOT_PARTY,
      `Listing ${listingId} is of ${listing.seller}.`,
    );
  }
  const next = listingTransitions[listing.state][verb];
  if (next) return successWith({ listing, next });
  const allowed = listingStates.filter((state) => listingTransitions[state][verb]);
  return refuse(
    listingResults.LISTING_STATE,
    `Listing ${listingId} is ${listing.state}; needs ${allowed.join(' or ')}.`,
  );
}
