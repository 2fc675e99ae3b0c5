import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { readRegistration } from '../rights/state.ts';
import { checkFacts } from './facts.ts';
import { listingResults } from './results.ts';
import { draftCommand } from './schema.ts';
import { listingRecord, readListing, revisionRootOf } from './state.ts';

/** A seller drafts a product on a registration of its own that is in force. */
export const draft = defineOperation({
  number: 400,
  name: 'listing.draft',
  title: 'Draft a listing',
  command: draftCommand,
  roles: ['SELLER'],
  apply(context, { listingId, registrationId, ...facts }) {
    const seller = context.actor.organisationId;
    if (readListing(context, listingId)) {
      return refuse(listingResults.LISTING_EXISTS, `Listing ${listingId}.`);
    }
    const registration = readRegistration(context, registrationId);
    if (!registration) {
      return refuse(
        listingResults.LISTING_REGISTRATION_NOT_FOUND,
        `Registration ${registrationId}.`,
      );
    }
    if (registration.applicant !== seller || !registration.rights.operate) {
      return refuse(listingResults.LISTING_RIGHT_MISSING, `Registration ${registrationId}.`);
    }
    if (registration.state !== 'ACTIVE') {
      return refuse(
        listingResults.LISTING_REGISTRATION_NOT_ACTIVE,
        `Registration ${registrationId} is ${registration.state}; needs ACTIVE.`,
      );
    }
    const checked = checkFacts(context, facts);
    if (!checked.ok) return checked;
    const revision = { listingId, revision: 1, seller, registrationId, ...facts };
    context.write(
      listingRecord,
      {
        ...facts,
        id: listingId,
        state: 'DRAFT',
        revision: 1,
        revisionRoot: revisionRootOf(revision),
        seller,
        registrationId,
        sampleProof: null,
        listedAtMs: null,
        reviewId: null,
        changedAtMs: context.timeMs,
      },
      'listing.drafted',
    );
    return success;
  },
});
