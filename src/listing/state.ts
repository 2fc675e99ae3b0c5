import { defineRecord, type Ledger } from '../base/room.ts';
import type { Hex } from '../base/bytes.ts';
import { encodeTyped } from '../base/codec.ts';
import { taggedHashHex } from '../base/hash.ts';
import {
  listingProfileSchema,
  listingRevisionSchema,
  listingSchema,
  type Listing,
  type ListingProfile,
  type ListingRevision,
} from './schema.ts';

export const listingRecord = defineRecord({
  name: 'listing',
  collection: 'listings',
  title: 'Listing',
  schema: listingSchema,
  stream: 'catalogue',
  searchText: (listing) =>
    [
      listing.title,
      listing.summary,
      listing.industry,
      listing.coverage.region,
      ...listing.columns.flatMap(({ name, meaning }) => [name, meaning]),
    ].join(' '),
});

export const readListing = (ledger: Ledger, id: string): Listing | null =>
  ledger.read(listingRecord, id);

export const listingProfileRecord = defineRecord({
  name: 'listing-profile',
  collection: 'listing-profiles',
  title: 'What a listing’s whole file comes to',
  schema: listingProfileSchema,
  stream: 'catalogue',
});

/** Of the listing's present revision; null where its seller has stated none. */
export function readProfile(ledger: Ledger, { id, revision }: Listing): ListingProfile | null {
  const profile = ledger.read(listingProfileRecord, id);
  return profile?.revision === revision ? profile : null;
}

/** Deadline of a submitted listing for which no review has been opened. */
export const reviewNotOpened = 'listing.review-not-opened';

/** The terms of a listing's present revision, without what happens to it. */
export function revisionOf(listing: Listing): ListingRevision {
  const { id, state, revisionRoot, sampleProof, listedAtMs, reviewId, changedAtMs, ...terms } =
    listing;
  return { listingId: id, ...terms };
}

/** H('dxl/listing-revision/1', CBOR of listingRevisionSchema): what a review and a trade name. */
export const revisionRootOf = (revision: ListingRevision): Hex =>
  taggedHashHex('dxl/listing-revision/1', encodeTyped(listingRevisionSchema, revision));
