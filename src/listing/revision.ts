import type { Hex } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { toCbor } from '../base/codec.ts';
import { taggedHashHex } from '../base/hash.ts';
import { listingRevisionSchema, type Listing, type ListingRevision } from './schema.ts';

/** The terms of a listing's present revision, without what happens to it. */
export function revisionOf(listing: Listing): ListingRevision {
  const { id, state, revisionRoot, sampleProof, listedAtMs, reviewId, changedAtMs, ...terms } =
    listing;
  return { listingId: id, ...terms };
}

/** H('dxl/listing-revision/1', CBOR of listingRevisionSchema): what a review and a trade name. */
export const revisionRoot = (revision: ListingRevision): Hex =>
  taggedHashHex('dxl/listing-revision/1', encodeCbor(toCbor(listingRevisionSchema, revision)));
