import {
  draftCommand,
  editCommand,
  listingCommand,
  listingReasonCommand,
  proveSampleCommand,
  stateProfileCommand,
} from '../../listing/schema.ts';
import {
  confirmValuationCommand,
  submitValuationCommand,
  withdrawValuationCommand,
} from '../../pricing/schema.ts';
import { echoOf } from './echo.ts';
import type { EventRule, OperationRule } from './rule.ts';

const bySeller = {
  roles: ['SELLER'],
  command: listingCommand,
  subject: ['listing', 'listingId'],
  actor: ['seller'],
  echo: {},
} as const;

const onValuation = { subject: ['valuation', 'valuationId'] } as const;

/** Listings and the valuations that speak of them. */
export const listingOperations: readonly OperationRule[] = [
  {
    number: 300,
    name: 'pricing.submit-valuation',
    roles: ['APPRAISER'],
    command: submitValuationCommand,
    ...onValuation,
    actor: ['appraiser'],
    echo: echoOf(submitValuationCommand, { except: ['valuationId'] }),
  },
  {
    number: 301,
    name: 'pricing.confirm-valuation',
    roles: [],
    command: confirmValuationCommand,
    ...onValuation,
    actor: ['confirmations.-1.organisationId'],
    echo: { resultFen: 'confirmations.-1.resultFen' },
  },
  {
    number: 302,
    name: 'pricing.withdraw-valuation',
    roles: ['APPRAISER'],
    command: withdrawValuationCommand,
    ...onValuation,
    actor: ['appraiser'],
    echo: { reason: 'withdrawalReason' },
  },
  {
    number: 400,
    name: 'listing.draft',
    ...bySeller,
    command: draftCommand,
    echo: echoOf(draftCommand, { except: ['listingId'] }),
  },
  {
    number: 401,
    name: 'listing.edit',
    ...bySeller,
    command: editCommand,
    echo: echoOf(editCommand, { except: ['listingId'] }),
  },
  {
    number: 402,
    name: 'listing.prove-sample',
    ...bySeller,
    command: proveSampleCommand,
    echo: { proof: 'sampleProof' },
  },
  { number: 403, name: 'listing.submit-for-review', ...bySeller },
  { number: 404, name: 'listing.suspend', ...bySeller, command: listingReasonCommand },
  { number: 405, name: 'listing.resume', ...bySeller },
  { number: 406, name: 'listing.delist', ...bySeller, command: listingReasonCommand },
  {
    number: 407,
    name: 'listing.state-profile',
    ...bySeller,
    command: stateProfileCommand,
    subject: ['listing-profile', 'listingId'],
    echo: echoOf(stateProfileCommand, { except: ['listingId'] }),
  },
];

const ofValuation = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  to: readonly string[],
): EventRule => ({ name: `pricing.valuation-${name}`, kind: 'valuation', by, from, to });

const ofListing = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  to: string,
): EventRule => ({ name: `listing.${name}`, kind: 'listing', by, from, to: [to] });

const judged = ['SUBMITTED', 'CONFIRMED', 'CONTESTED'];

export const listingEvents: readonly EventRule[] = [
  ofValuation('submitted', [300], [], ['SUBMITTED']),
  ofValuation('confirmed', [301], judged, ['CONFIRMED', 'CONTESTED']),
  ofValuation('contested', [301], judged, ['CONTESTED']),
  ofValuation('withdrawn', [302], ['SUBMITTED', 'CONTESTED'], ['WITHDRAWN']),
  ofListing('drafted', [400], [], 'DRAFT'),
  ofListing('edited', [401], ['DRAFT', 'LISTED', 'SUSPENDED'], 'DRAFT'),
  ofListing('sample-proved', [402], ['DRAFT'], 'DRAFT'),
  ofListing('submitted', [403], ['DRAFT'], 'COMPLIANCE_REVIEW'),
  ofListing('suspended', [404], ['LISTED'], 'SUSPENDED'),
  ofListing('resumed', [405], ['SUSPENDED'], 'LISTED'),
  ofListing('delisted', [406], ['DRAFT', 'LISTED', 'SUSPENDED'], 'DELISTED'),
  { name: 'listing.profile-stated', kind: 'listing-profile', by: [407], from: [], to: [] },
  { name: 'listing.profile-restated', kind: 'listing-profile', by: [407], from: ['*'], to: [] },
];
