import { assert } from '../base/assert.ts';
import { fromHex, toHex, type Hex } from '../base/bytes.ts';
import { encodeCbor, type CborValue } from '../base/cbor.ts';
import { toCbor } from '../base/codec.ts';
import { leafHash, MerkleLog } from '../base/merkle.ts';
import type { Ledger } from '../base/room.ts';
import type { Listing } from '../listing/schema.ts';
import { listingRecord, readListing } from '../listing/state.ts';
import { checksAt } from '../listing/types.ts';
import { automaticSchema, chairSchema, decisionSchema, type Review } from './schema.ts';
import { reviewOverdue, reviewRecord } from './state.ts';

/** Every check of listing/types.ts as of now, in its order. */
export const runAutomaticChecks = (ledger: Ledger, listing: Listing): Review['automatic'] =>
  checksAt(ledger).map((check) => ({ check: check.name, passed: check.holds(ledger, listing) }));

/**
 * RFC 6962 root over CBOR of: [listing, revision, its root], each automatic check, each decision,
 * and the chair's decision where there is one.
 */
export function evidenceRootOf(review: Review): Hex {
  const { listingId, listingRevision, revisionRoot, automatic, decisions, chair } = review;
  const evidence: readonly CborValue[] = [
    [listingId, BigInt(listingRevision), fromHex(revisionRoot)],
    ...automatic.map((check) => toCbor(automaticSchema, check)),
    ...decisions.map((decision) => toCbor(decisionSchema, decision)),
    ...(chair ? [toCbor(chairSchema, chair)] : []),
  ];
  const tree = new MerkleLog();
  for (const item of evidence) tree.append(leafHash(encodeCbor(item)));
  return toHex(tree.root());
}

const events = {
  PASSED: 'compliance.review-passed',
  FAILED: 'compliance.review-failed',
  EXPIRED: 'compliance.review-expired',
} as const;

/**
 * Ends a review and moves its listing: on the market where it passed, else back to its seller.
 * People's PASS is not enough where an automatic check has come to fail since the opening.
 */
export function settle(ledger: Ledger, review: Review, wanted: keyof typeof events): void {
  const { timeMs } = ledger;
  const listing = readListing(ledger, review.listingId);
  assert(listing?.state === 'COMPLIANCE_REVIEW', 'a listing under review stays so until it ends');
  assert(listing.revisionRoot === review.revisionRoot, 'and cannot be edited meanwhile');
  const automatic = wanted === 'PASSED' ? runAutomaticChecks(ledger, listing) : review.automatic;
  const sound = automatic.every(({ passed }) => passed);
  const state = wanted === 'PASSED' && !sound ? 'FAILED' : wanted;
  const ended: Review = { ...review, state, automatic, decidedAtMs: timeMs };
  ledger.write(reviewRecord, { ...ended, evidenceRoot: evidenceRootOf(ended) }, events[state]);
  ledger.unschedule(reviewOverdue, review.id);
  if (state === 'PASSED') {
    ledger.write(
      listingRecord,
      { ...listing, state: 'LISTED', listedAtMs: timeMs, changedAtMs: timeMs },
      'listing.listed',
    );
  } else {
    ledger.write(
      listingRecord,
      { ...listing, state: 'DRAFT', changedAtMs: timeMs },
      'listing.returned',
    );
  }
}
