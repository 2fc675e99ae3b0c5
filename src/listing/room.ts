import type { Room } from '../base/room.ts';
import { delist, resume, suspend } from './change-availability.ts';
import { draft } from './draft.ts';
import { edit } from './edit.ts';
import { proveSample } from './prove-sample.ts';
import { listingResults } from './results.ts';
import { listingRecord } from './state.ts';
import { returnUnreviewed, submitForReview } from './submit-for-review.ts';

export const listingRoom: Room = {
  name: 'listing',
  records: [listingRecord],
  operations: [draft, edit, proveSample, submitForReview, suspend, resume, delist],
  deadlines: [returnUnreviewed],
  results: listingResults,
};
