import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import type { RulePack, SampleSize } from '../base/rules.ts';
import { readRegistration } from '../rights/state.ts';
import { findContradiction } from './profile-facts.ts';
import { listingResults } from './results.ts';
import { stateProfileCommand, type ListingProfile } from './schema.ts';
import { listingProfileRecord } from './state.ts';
import { openOwnListing } from './transitions.ts';
import { sampleAsked, sampleSentence } from './types.ts';

/**
 * The seller states what the whole file of a draft comes to: it stands beside the sample, which is
 * proved. Whoever gets the file measures it again.
 */
export const stateProfile = defineOperation({
  number: 407,
  name: 'listing.state-profile',
  title: 'State what the whole file comes to',
  command: stateProfileCommand,
  roles: ['SELLER'],
  since: sinceMachineVersion.wholeFileProfiles,
  apply(context, { listingId, ...facts }) {
    const opened = openOwnListing(context, listingId, 'state-profile');
    if (!opened.ok) return opened;
    const { listing } = opened.value;
    const registered = readRegistration(context, listing.registrationId)?.fingerprint.rows ?? 0;
    const contradiction = findContradiction(facts, listing, registered);
    if (contradiction !== null) {
      return refuse(listingResults.LISTING_PROFILE_CONTRADICTS, contradiction);
    }
    const { named, isMet } = sampleAsked(context, listing);
    if (!named || !isMet) {
      return refuse(listingResults.LISTING_SAMPLE_POLICY, sampleSentence(context, listing));
    }
    const { revision, seller } = listing;
    const before = context.read(listingProfileRecord, listingId);
    context.write(
      listingProfileRecord,
      {
        ...{ id: listingId, revision, seller, ...facts },
        sample: proven(named, context.rules),
        statedAtMs: context.timeMs,
      },
      before ? 'listing.profile-restated' : 'listing.profile-stated',
    );
    return success;
  },
});

const proven = (
  { circuitId, rows, k }: SampleSize,
  { id: rulePackId, version: rulePackVersion }: RulePack,
): ListingProfile['sample'] => ({ circuitId, rows, k, rulePackId, rulePackVersion });
