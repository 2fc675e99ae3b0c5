import { fromHex } from '../base/bytes.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import { defineOperation, type Ledger } from '../base/room.ts';
import { kAnonymityPublics, listingBinding } from '../privacy/zk/statements/k-anonymity.ts';
import { listingResults } from './results.ts';
import { proveSampleCommand, type Listing } from './schema.ts';
import { listingRecord } from './state.ts';
import { openOwnListing } from './transitions.ts';
import { sampleAsked, sampleSentence } from './types.ts';

/**
 * The seller proves that each combination of quasi-identifiers in the committed sample occurs at
 * least k times, without showing a row. The proof is bound to chain, circuit, listing, revision
 * and seller: an edit voids it.
 */
export const proveSample = defineOperation({
  number: 402,
  name: 'listing.prove-sample',
  title: 'Prove that the sample is k-anonymous',
  command: proveSampleCommand,
  roles: ['SELLER'],
  proofs: 1,
  apply(context, { listingId, proof }) {
    const opened = openOwnListing(context, listingId, 'prove-sample');
    if (!opened.ok) return opened;
    const { listing, next } = opened.value;
    const { circuitId, commitment } = listing.sample;
    const admitted = checkSample(context, listing);
    if (!admitted.ok) return admitted;
    const publics = kAnonymityPublics({
      commitment: BigInt(`0x${commitment}`),
      binding: listingBinding({
        chainId: context.chainId,
        circuitId,
        listingId,
        revision: BigInt(listing.revision),
        sellerOrgId: listing.seller,
      }),
    });
    const verified = context.verifyProof(circuitId, publics, fromHex(proof));
    if (!verified.ok) return verified;
    context.write(
      listingRecord,
      { ...listing, state: next, sampleProof: proof, changedAtMs: context.timeMs },
      'listing.sample-proved',
    );
    return success;
  },
});

/** By version 1 the rows were compared when the listing was submitted. */
function checkSample(ledger: Ledger, listing: Listing): Outcome {
  const { circuitId } = listing.sample;
  const asked = ledger.rules.sample.circuitId;
  if (ledger.machineVersion >= sinceMachineVersion.sampleSizes) {
    return sampleAsked(ledger, listing).isMet
      ? success
      : refuse(listingResults.LISTING_SAMPLE_POLICY, sampleSentence(ledger, listing));
  }
  return circuitId === asked
    ? success
    : refuse(
        listingResults.LISTING_SAMPLE_POLICY,
        `Circuit ${circuitId}; the rule pack asks for ${asked}.`,
      );
}
