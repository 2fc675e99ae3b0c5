import { assert } from '../base/assert.ts';
import { periodEndMs } from '../base/calendar.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import { defineOperation, type Context } from '../base/room.ts';
import { areRelated } from '../identity/state.ts';
import { objectionOverdueName } from './decide-objection.ts';
import { rightsResults } from './results.ts';
import { objectCommand, type Registration } from './schema.ts';
import { objectionRecord, readObjection } from './state.ts';
import { findForStep, writeRegistration } from './write.ts';

const objectionsMax = 64;

/** Of one organisation to one registration: raised and withdrawn, they would lock others out. */
const objectionsEach = 4;

/** Any organisation but those of the applicant's and the registrar's houses, while publicity lasts. */
export const object = defineOperation({
  number: 210,
  name: 'rights.object',
  title: 'Object to a registration',
  command: objectCommand,
  roles: [],
  apply(context, { objectionId, registrationId, ...statement }) {
    const found = findForStep(context, 'rights.object', registrationId);
    if (!found.ok) return found;
    const registration = found.value;
    const allowed = checkObjector(context, objectionId, registration);
    if (!allowed.ok) return allowed;
    const { rules, timeMs } = context;
    const dueAtMs = periodEndMs(timeMs, rules.periods.objectionResolution, rules.calendar);
    context.schedule(objectionOverdueName, objectionId, dueAtMs);
    context.write(
      objectionRecord,
      {
        id: objectionId,
        state: 'OPEN',
        registrationId,
        objector: context.actor.organisationId,
        ...statement,
        raisedAtMs: timeMs,
        dueAtMs,
        decisionReason: null,
        decidedAtMs: null,
      },
      'rights.objection-raised',
    );
    writeRegistration(
      context,
      {
        ...registration,
        state: 'OBJECTED',
        dueAtMs: null,
        openObjections: registration.openObjections + 1,
        objectionIds: [...registration.objectionIds, objectionId],
      },
      'rights.objected',
    );
    return success;
  },
});

function checkObjector(context: Context, objectionId: string, registration: Registration): Outcome {
  const { applicant, registrar, publicityEndsAtMs, objectionIds } = registration;
  const { organisationId } = context.actor;
  const party = [applicant, registrar].find(
    (id) => id !== null && areRelated(context, organisationId, id),
  );
  if (party) {
    return refuse(rightsResults.RIGHTS_OBJECTOR_IS_PARTY, `${organisationId} of ${party}.`);
  }
  assert(publicityEndsAtMs !== null, 'publicity has its end');
  if (context.timeMs >= publicityEndsAtMs) {
    return refuse(rightsResults.RIGHTS_PUBLICITY_OVER, `It ended at ${publicityEndsAtMs} ms.`);
  }
  if (readObjection(context, objectionId)) {
    return refuse(rightsResults.RIGHTS_OBJECTION_EXISTS, `Objection ${objectionId}.`);
  }
  const own = objectionIds
    .map((id) => readObjection(context, id))
    .filter((objection) => objection?.objector === organisationId);
  const pending = own.find((objection) => objection?.state === 'OPEN');
  if (pending) return refuse(rightsResults.RIGHTS_OBJECTION_PENDING, `Objection ${pending.id}.`);
  if (own.length >= objectionsEach) {
    return refuse(rightsResults.RIGHTS_OBJECTIONS_SPENT, `${organisationId}: ${own.length}.`);
  }
  return objectionIds.length < objectionsMax
    ? success
    : refuse(rightsResults.RIGHTS_OBJECTIONS_FULL, `${objectionsMax} objections.`);
}
