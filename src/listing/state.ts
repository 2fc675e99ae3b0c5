import { defineRecord, type Ledger } from '../base/room.ts';
import { listingSchema, type Listing } from './schema.ts';

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
