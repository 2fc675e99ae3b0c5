import type { Room } from '../base/room.ts';
import { delist, resume, suspend } from './change-availability.ts';
import { draft } from './draft.ts';
import { edit } from './edit.ts';
import { proveSample } from './prove-sample.ts';
import { listingResults } from './results.ts';
import { stateProfile } from './state-profile.ts';
import { listingProfileRecord, listingRecord } from './state.ts';
import { returnUnreviewed, submitForReview } from './submit-for-review.ts';

export const listingRoom: Room = {
  name: 'listing',
  records: [listingRecord, listingProfileRecord],
  operations: [draft, edit, proveSample, submitForReview, suspend, resume, delist, stateProfile],
  deadlines: [returnUnreviewed],
  results: listingResults,
};
