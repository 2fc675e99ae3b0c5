import {
  chairCommand,
  commitCommand,
  openCommand,
  revealCommand,
} from '../../compliance/schema.ts';
import type { EventRule, OperationRule } from './rule.ts';

const byReviewer = { roles: ['REVIEWER'], subject: ['review', 'reviewId'] } as const;

export const complianceOperations: readonly OperationRule[] = [
  {
    number: 500,
    name: 'compliance.open',
    ...byReviewer,
    roles: ['REVIEWER', 'OPERATOR'],
    command: openCommand,
    actor: ['openedBy'],
    echo: { listingId: 'listingId' },
  },
  {
    number: 501,
    name: 'compliance.commit',
    ...byReviewer,
    command: commitCommand,
    actor: ['decisions.-1.organisationId'],
    echo: { commitment: 'decisions.-1.commitment' },
  },
  {
    number: 502,
    name: 'compliance.reveal',
    ...byReviewer,
    command: revealCommand,
    actor: ['decisions.0.organisationId', 'decisions.1.organisationId'],
    echo: {},
  },
  {
    number: 503,
    name: 'compliance.chair',
    ...byReviewer,
    command: chairCommand,
    actor: ['chair.organisationId'],
    echo: { decision: 'chair.decision', reason: 'chair.reason' },
  },
];

const step = (
  name: string,
  by: EventRule['by'],
  from: readonly string[],
  ...to: readonly string[]
): EventRule => ({ name: `compliance.${name}`, kind: 'review', by, from, to });

const undecided = ['OPEN', 'COMMITTED_ONE', 'COMMITTED_BOTH', 'SPLIT'];
const ending: EventRule['by'] = [500, 502, 503, 'deadline'];

export const complianceEvents: readonly EventRule[] = [
  step('review-opened', [500], [], 'OPEN'),
  step('decision-committed', [501], ['OPEN', 'COMMITTED_ONE'], 'COMMITTED_ONE', 'COMMITTED_BOTH'),
  step('decision-revealed', [502], ['COMMITTED_BOTH'], 'COMMITTED_BOTH', 'SPLIT'),
  step('review-passed', [502, 503], ['COMMITTED_BOTH', 'SPLIT'], 'PASSED'),
  step('review-failed', [500, 502, 503], ['OPEN', 'COMMITTED_BOTH', 'SPLIT'], 'FAILED'),
  step('review-expired', ['deadline'], undecided, 'EXPIRED'),
  {
    name: 'listing.review-opened',
    kind: 'listing',
    by: [500],
    from: ['COMPLIANCE_REVIEW'],
    to: ['COMPLIANCE_REVIEW'],
  },
  {
    name: 'listing.listed',
    kind: 'listing',
    by: [502, 503],
    from: ['COMPLIANCE_REVIEW'],
    to: ['LISTED'],
  },
  {
    name: 'listing.returned',
    kind: 'listing',
    by: ending,
    from: ['COMPLIANCE_REVIEW'],
    to: ['DRAFT'],
  },
  { name: 'compliance.deadline-put-off', kind: 'review', by: ['deadline'], from: ['*'], to: ['='] },
];
