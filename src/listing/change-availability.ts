import { success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { listingCommand, listingReasonCommand } from './schema.ts';
import { listingRecord } from './state.ts';
import { openOwnListing } from './transitions.ts';
import { checkListing } from './types.ts';

/** The seller takes the product off the market for a while. */
export const suspend = defineOperation({
  number: 404,
  name: 'listing.suspend',
  title: 'Suspend a listing',
  command: listingReasonCommand,
  roles: ['SELLER'],
  apply(context, { listingId }) {
    const opened = openOwnListing(context, listingId, 'suspend');
    if (!opened.ok) return opened;
    const { listing, next } = opened.value;
    context.write(
      listingRecord,
      { ...listing, state: next, changedAtMs: context.timeMs },
      'listing.suspended',
    );
    return success;
  },
});

/** It comes back as it was reviewed, where everything that the review rested on still holds. */
export const resume = defineOperation({
  number: 405,
  name: 'listing.resume',
  title: 'Resume a suspended listing',
  command: listingCommand,
  roles: ['SELLER'],
  apply(context, { listingId }) {
    const opened = openOwnListing(context, listingId, 'resume');
    if (!opened.ok) return opened;
    const { listing, next } = opened.value;
    const checked = checkListing(context, listing);
    if (!checked.ok) return checked;
    context.write(
      listingRecord,
      { ...listing, state: next, changedAtMs: context.timeMs },
      'listing.resumed',
    );
    return success;
  },
});

/** For good: another product is another listing. Trades that there are go on. */
export const delist = defineOperation({
  number: 406,
  name: 'listing.delist',
  title: 'Delist a product for good',
  command: listingReasonCommand,
  roles: ['SELLER'],
  apply(context, { listingId }) {
    const opened = openOwnListing(context, listingId, 'delist');
    if (!opened.ok) return opened;
    const { listing, next } = opened.value;
    context.write(
      listingRecord,
      { ...listing, state: next, changedAtMs: context.timeMs },
      'listing.delisted',
    );
    return success;
  },
});
