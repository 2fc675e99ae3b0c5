import { refuse, success, type Outcome } from '../base/result.ts';
import { rightsResults } from './results.ts';
import type { Registration, RegistrationState } from './schema.ts';

/** From which states each step on a registration begins. Where it leads stands in its own file. */
export const begins = {
  'rights.resubmit': ['RETURNED_FOR_FIX'],
  'rights.state-table': ['SUBMITTED'],
  'rights.return-for-fix': ['SUBMITTED'],
  'rights.accept': ['SUBMITTED'],
  'rights.begin-review': ['ACCEPTED'],
  'rights.extend-review': ['UNDER_REVIEW'],
  'rights.refuse': ['UNDER_REVIEW', 'PUBLICITY_CLOSED'],
  'rights.open-publicity': ['UNDER_REVIEW'],
  'rights.waive-publicity': ['UNDER_REVIEW'],
  'rights.object': ['PUBLICITY', 'OBJECTED'],
  'rights.resolve-objection': ['OBJECTED'],
  'rights.withdraw-objection': ['OBJECTED'],
  'rights.certify': ['PUBLICITY_CLOSED'],
  'rights.deregister': ['ACTIVE'],
} as const satisfies Record<string, readonly RegistrationState[]>;

export type Step = keyof typeof begins;

export function checkStep(step: Step, { id, state }: Registration): Outcome {
  const from: readonly RegistrationState[] = begins[step];
  if (from.includes(state)) return success;
  return refuse(
    rightsResults.RIGHTS_STATE,
    `Registration ${id} is ${state}; ${step} needs ${from.join(' or ')}.`,
  );
}

const endStates: readonly RegistrationState[] = [
  'REFUSED',
  'TERMINATED',
  'EXPIRED',
  'DEREGISTERED',
];

/** No way leads back from there. */
export const isEnded = ({ state }: Pick<Registration, 'state'>): boolean =>
  endStates.includes(state);

/** The deadline that runs in each state, at the registration's `dueAtMs`. */
export const deadlineOfState = {
  SUBMITTED: 'rights.silence-accepts',
  RETURNED_FOR_FIX: 'rights.supplement-overdue',
  ACCEPTED: 'rights.review-overdue',
  UNDER_REVIEW: 'rights.review-overdue',
  PUBLICITY: 'rights.publicity-ends',
  OBJECTED: null,
  PUBLICITY_CLOSED: 'rights.review-overdue',
  ACTIVE: 'rights.registration-expires',
  REFUSED: null,
  TERMINATED: null,
  EXPIRED: null,
  DEREGISTERED: null,
} as const satisfies Record<RegistrationState, string | null>;
