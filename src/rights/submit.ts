import { periodEndMs } from '../base/calendar.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation, type Ledger } from '../base/room.ts';
import { checkUnclaimed, claimFingerprint } from './claim-fingerprint.ts';
import { checkFacts } from './origin-rights.ts';
import { rightsResults } from './results.ts';
import { submitCommand } from './schema.ts';
import { readRegistration } from './state.ts';
import { findForApplicant, writeRegistration } from './write.ts';

const acceptanceEndMs = ({ timeMs, rules }: Ledger): number =>
  periodEndMs(timeMs, rules.periods.acceptance, rules.calendar);

/** An applicant submits an application; silence of every registrar accepts it. */
export const submit = defineOperation({
  number: 200,
  name: 'rights.submit',
  title: 'Apply for registration of data rights',
  command: submitCommand,
  roles: ['SELLER'],
  apply(context, { registrationId, ...facts }) {
    const { organisationId } = context.actor;
    if (readRegistration(context, registrationId)) {
      return refuse(rightsResults.RIGHTS_EXISTS, `Registration ${registrationId}.`);
    }
    const checked = checkFacts(context, organisationId, facts);
    if (!checked.ok) return checked;
    const unclaimed = checkUnclaimed(context, registrationId, facts.fingerprint);
    if (!unclaimed.ok) return unclaimed;
    writeRegistration(
      context,
      {
        id: registrationId,
        state: 'SUBMITTED',
        applicant: organisationId,
        registrar: null,
        ...facts,
        submittedAtMs: context.timeMs,
        dueAtMs: acceptanceEndMs(context),
        reviewExtended: false,
        reviewLeft: null,
        publicityEndsAtMs: null,
        publicityWaiver: null,
        openObjections: 0,
        objectionIds: [],
        decisionReason: null,
        certificateNumber: null,
        validFromMs: null,
        validToMs: null,
      },
      'rights.submitted',
    );
    claimFingerprint(context, registrationId, facts.fingerprint);
    return success;
  },
});

/** The applicant answers a return for a fix with the whole application anew. */
export const resubmit = defineOperation({
  number: 201,
  name: 'rights.resubmit',
  title: 'Resubmit a returned application',
  command: submitCommand,
  roles: ['SELLER'],
  apply(context, { registrationId, ...facts }) {
    const found = findForApplicant(context, 'rights.resubmit', registrationId);
    if (!found.ok) return found;
    const checked = checkFacts(context, context.actor.organisationId, facts);
    if (!checked.ok) return checked;
    const unclaimed = checkUnclaimed(context, registrationId, facts.fingerprint);
    if (!unclaimed.ok) return unclaimed;
    writeRegistration(
      context,
      {
        ...found.value,
        ...facts,
        state: 'SUBMITTED',
        submittedAtMs: context.timeMs,
        dueAtMs: acceptanceEndMs(context),
        decisionReason: null,
      },
      'rights.resubmitted',
    );
    claimFingerprint(context, registrationId, facts.fingerprint);
    return success;
  },
});
