import { periodEndMs } from '../base/calendar.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation, type Deadline } from '../base/room.ts';
import { putOffRegistration } from './put-off.ts';
import { rightsResults } from './results.ts';
import { extendedEndMs } from './review-clock.ts';
import { reasonedCommand, registrationCommand } from './schema.ts';
import { readRegistration } from './state.ts';
import { deadlineOfState } from './transitions.ts';
import { findForRegistrar, findInGoodStanding, writeRegistration } from './write.ts';

/** The registrar in charge begins; where silence accepted, whoever begins is in charge. */
export const beginReview = defineOperation({
  number: 204,
  name: 'rights.begin-review',
  title: 'Begin the review of an application',
  command: registrationCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId }) {
    const found = findInGoodStanding(context, 'rights.begin-review', registrationId);
    if (!found.ok) return found;
    const { rules, timeMs, actor } = context;
    writeRegistration(
      context,
      {
        ...found.value,
        state: 'UNDER_REVIEW',
        registrar: actor.organisationId,
        dueAtMs: found.value.dueAtMs ?? periodEndMs(timeMs, rules.periods.review, rules.calendar),
      },
      'rights.review-begun',
    );
    return success;
  },
});

/** Once, and by one more review period. */
export const extendReview = defineOperation({
  number: 213,
  name: 'rights.extend-review',
  title: 'Extend the review of an application',
  command: reasonedCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId, reason }) {
    const found = findForRegistrar(context, 'rights.extend-review', registrationId);
    if (!found.ok) return found;
    const { reviewExtended, dueAtMs } = found.value;
    if (reviewExtended || dueAtMs === null) {
      return refuse(rightsResults.RIGHTS_REVIEW_EXTENDED, `Registration ${registrationId}.`);
    }
    const { rules } = context;
    writeRegistration(
      context,
      {
        ...found.value,
        reviewExtended: true,
        decisionReason: reason,
        dueAtMs: extendedEndMs(dueAtMs, rules.periods.review, rules.calendar),
      },
      'rights.review-extended',
    );
    return success;
  },
});

export const refuseRegistration = defineOperation({
  number: 205,
  name: 'rights.refuse',
  title: 'Refuse registration',
  command: reasonedCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId, reason }) {
    const found = findForRegistrar(context, 'rights.refuse', registrationId);
    if (!found.ok) return found;
    writeRegistration(
      context,
      { ...found.value, state: 'REFUSED', decisionReason: reason, dueAtMs: null },
      'rights.refused',
    );
    return success;
  },
});

/**
 * The registrar let its time run out. That neither grants nor costs the applicant anything: the
 * registrar loses the case, and any registrar may begin the review anew.
 */
export const reviewOverdue: Deadline = {
  name: 'rights.review-overdue',
  period: 'review',
  putOff: putOffRegistration,
  apply(ledger, id) {
    const registration = readRegistration(ledger, id);
    if (!registration || deadlineOfState[registration.state] !== 'rights.review-overdue') return;
    writeRegistration(
      ledger,
      {
        ...registration,
        state: 'ACCEPTED',
        registrar: null,
        dueAtMs: null,
        reviewExtended: false,
        reviewLeft: null,
        publicityEndsAtMs: null,
        publicityWaiver: null,
        decisionReason: null,
      },
      'rights.review-overdue',
    );
  },
};
