import { periodEndMs } from '../base/calendar.ts';
import { assert } from '../base/assert.ts';
import { success } from '../base/result.ts';
import { defineOperation, type Deadline, type Ledger } from '../base/room.ts';
import { putOffRegistration } from './put-off.ts';
import { periodLeft } from './review-clock.ts';
import { reasonedCommand, registrationCommand, type Registration } from './schema.ts';
import { readRegistration } from './state.ts';
import { findForRegistrar, findInGoodStanding, writeRegistration } from './write.ts';

/** The application is shown to everybody for the publicity period; the review's clock stops. */
export const openPublicity = defineOperation({
  number: 206,
  name: 'rights.open-publicity',
  title: 'Open the publicity of an application',
  command: registrationCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId }) {
    const found = findInGoodStanding(context, 'rights.open-publicity', registrationId);
    if (!found.ok) return found;
    const { rules, timeMs } = context;
    const { dueAtMs } = found.value;
    assert(dueAtMs !== null, 'a review has its clock');
    const endsAtMs = periodEndMs(timeMs, rules.periods.publicity, rules.calendar);
    writeRegistration(
      context,
      {
        ...found.value,
        state: 'PUBLICITY',
        dueAtMs: endsAtMs,
        publicityEndsAtMs: endsAtMs,
        reviewLeft: periodLeft(timeMs, dueAtMs, rules.periods.review, rules.calendar),
      },
      'rights.publicity-opened',
    );
    return success;
  },
});

/** Without publicity, for a reason that stays in the record. */
export const waivePublicity = defineOperation({
  number: 207,
  name: 'rights.waive-publicity',
  title: 'Waive the publicity of an application',
  command: reasonedCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId, reason }) {
    const found = findForRegistrar(context, 'rights.waive-publicity', registrationId);
    if (!found.ok) return found;
    writeRegistration(
      context,
      { ...found.value, state: 'PUBLICITY_CLOSED', publicityWaiver: reason },
      'rights.publicity-waived',
    );
    return success;
  },
});

/** Publicity without an open objection closes by itself. */
export const publicityEnds: Deadline = {
  name: 'rights.publicity-ends',
  period: 'publicity',
  putOff: putOffRegistration,
  apply(ledger, id) {
    const registration = readRegistration(ledger, id);
    if (registration?.state !== 'PUBLICITY') return;
    writeRegistration(ledger, closePublicity(ledger, registration), 'rights.publicity-closed');
  },
};

/** The registration after its publicity: the review's clock goes on with what was left of it. */
export function closePublicity(ledger: Ledger, registration: Registration): Registration {
  const { reviewLeft } = registration;
  assert(reviewLeft, 'publicity stopped the clock of the review');
  return {
    ...registration,
    state: 'PUBLICITY_CLOSED',
    reviewLeft: null,
    dueAtMs: periodEndMs(ledger.timeMs, reviewLeft, ledger.rules.calendar),
  };
}
