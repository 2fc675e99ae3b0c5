import { defineRecord, type Ledger } from '../base/room.ts';
import type { Hex } from '../base/bytes.ts';
import { encodeTyped } from '../base/codec.ts';
import { taggedHashHex } from '../base/hash.ts';
import {
  listingRevisionSchema,
  listingSchema,
  type Listing,
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
