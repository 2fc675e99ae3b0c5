import { periodEndMs } from '../base/calendar.ts';
import { success } from '../base/result.ts';
import { defineOperation, type Deadline } from '../base/room.ts';
import { putOffRegistration } from './put-off.ts';
import { reasonedCommand, registrationCommand } from './schema.ts';
import { findForStep, findForRegistrar, findInGoodStanding, writeRegistration } from './write.ts';

/** The registrar accepts an application and is in charge of it; the review's clock begins. */
export const accept = defineOperation({
  number: 203,
  name: 'rights.accept',
  title: 'Accept an application',
  command: registrationCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId }) {
    const found = findInGoodStanding(context, 'rights.accept', registrationId);
    if (!found.ok) return found;
    const { rules, timeMs, actor } = context;
    writeRegistration(
      context,
      {
        ...found.value,
        state: 'ACCEPTED',
        registrar: actor.organisationId,
        dueAtMs: periodEndMs(timeMs, rules.periods.review, rules.calendar),
      },
      'rights.accepted',
    );
    return success;
  },
});

/** Nobody answered in time: the application counts as accepted, and any registrar may begin. */
export const silenceAccepts: Deadline = {
  name: 'rights.silence-accepts',
  period: 'acceptance',
  putOff: putOffRegistration,
  apply(ledger, id) {
    const found = findForStep(ledger, 'rights.accept', id);
    if (!found.ok) return;
    writeRegistration(
      ledger,
      { ...found.value, state: 'ACCEPTED', dueAtMs: null },
      'rights.accepted-by-silence',
    );
  },
};

/** The registrar returns an application: the applicant has the supplement period to mend it. */
export const returnForFix = defineOperation({
  number: 202,
  name: 'rights.return-for-fix',
  title: 'Return an application for a fix',
  command: reasonedCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId, reason }) {
    const found = findForRegistrar(context, 'rights.return-for-fix', registrationId);
    if (!found.ok) return found;
    const { rules, timeMs } = context;
    writeRegistration(
      context,
      {
        ...found.value,
        state: 'RETURNED_FOR_FIX',
        decisionReason: reason,
        dueAtMs: periodEndMs(timeMs, rules.periods.supplement, rules.calendar),
      },
      'rights.returned-for-fix',
    );
    return success;
  },
});

/** The applicant did not mend it in time: the procedure ends; a new application may follow. */
export const supplementOverdue: Deadline = {
  name: 'rights.supplement-overdue',
  period: 'supplement',
  putOff: putOffRegistration,
  apply(ledger, id) {
    const found = findForStep(ledger, 'rights.resubmit', id);
    if (!found.ok) return;
    writeRegistration(
      ledger,
      { ...found.value, state: 'TERMINATED', dueAtMs: null },
      'rights.terminated',
    );
  },
};
