import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { rightsResults } from './results.ts';
import { reasonedCommand } from './schema.ts';
import { findForStep, writeRegistration } from './write.ts';

/** The holder gives the registration up, or its registrar strikes it off. */
export const deregister = defineOperation({
  number: 212,
  name: 'rights.deregister',
  title: 'Deregister data rights',
  command: reasonedCommand,
  roles: ['SELLER', 'REGISTRAR'],
  apply(context, { registrationId, reason }) {
    const found = findForStep(context, 'rights.deregister', registrationId);
    if (!found.ok) return found;
    const { applicant, registrar } = found.value;
    const { organisationId } = context.actor;
    if (organisationId !== applicant && organisationId !== registrar) {
      return refuse(
        rightsResults.RIGHTS_NOT_PARTY,
        `${organisationId} is neither applicant nor registrar of ${registrationId}.`,
      );
    }
    writeRegistration(
      context,
      {
        ...found.value,
        state: 'DEREGISTERED',
        decisionReason: reason,
        validToMs: context.timeMs,
        dueAtMs: null,
      },
      'rights.deregistered',
    );
    return success;
  },
});
