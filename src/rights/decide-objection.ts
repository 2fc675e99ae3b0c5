import { assert } from '../base/assert.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import { defineOperation, type Deadline, type Ledger } from '../base/room.ts';
import { putOffObjection } from './put-off.ts';
import { closePublicity } from './publicity.ts';
import { rightsResults } from './results.ts';
import {
  resolveObjectionCommand,
  withdrawObjectionCommand,
  type Objection,
  type Registration,
} from './schema.ts';
import { objectionRecord, readObjection, readRegistration } from './state.ts';
import { findForRegistrar, findForStep, writeRegistration } from './write.ts';

export const objectionOverdueName = 'rights.objection-overdue';

/** The registrar decides: an upheld objection refuses the registration. */
export const resolveObjection = defineOperation({
  number: 208,
  name: 'rights.resolve-objection',
  title: 'Decide on an objection',
  command: resolveObjectionCommand,
  roles: ['REGISTRAR'],
  apply(context, { objectionId, decision, reason }) {
    const objection = findOpenObjection(context, objectionId);
    if (!objection.ok) return objection;
    const found = findForRegistrar(
      context,
      'rights.resolve-objection',
      objection.value.registrationId,
    );
    if (!found.ok) return found;
    closeObjection(context, objection.value, decision, reason);
    if (decision === 'DISMISSED') {
      afterObjection(context, found.value);
    } else {
      endWithObjections(context, found.value, 'REFUSED', reason);
    }
    return success;
  },
});

/** The objector takes the objection back. */
export const withdrawObjection = defineOperation({
  number: 211,
  name: 'rights.withdraw-objection',
  title: 'Withdraw an objection',
  command: withdrawObjectionCommand,
  roles: [],
  apply(context, { objectionId }) {
    const objection = findOpenObjection(context, objectionId);
    if (!objection.ok) return objection;
    const { registrationId, objector } = objection.value;
    const found = findForStep(context, 'rights.withdraw-objection', registrationId);
    if (!found.ok) return found;
    if (objector !== context.actor.organisationId) {
      return refuse(rightsResults.RIGHTS_NOT_PARTY, `${objector} raised ${objectionId}.`);
    }
    closeObjection(context, objection.value, 'WITHDRAWN', null);
    afterObjection(context, found.value);
    return success;
  },
});

/**
 * The registrar left an objection undecided. Silence grants no right over a stranger's objection
 * and upholds none: the procedure ends without a decision, and a new application may follow.
 */
export const objectionOverdue: Deadline = {
  name: objectionOverdueName,
  period: 'objectionResolution',
  putOff: putOffObjection,
  apply(ledger, id) {
    const objection = readObjection(ledger, id);
    if (objection?.state !== 'OPEN') return;
    const registration = readRegistration(ledger, objection.registrationId);
    assert(registration?.state === 'OBJECTED', 'an open objection holds its registration');
    closeObjection(ledger, objection, 'LAPSED', null);
    endWithObjections(ledger, registration, 'TERMINATED', `Objection ${id} was not decided.`);
  },
};

function findOpenObjection(ledger: Ledger, id: string): Outcome<Objection> {
  const objection = readObjection(ledger, id);
  if (!objection) return refuse(rightsResults.RIGHTS_OBJECTION_NOT_FOUND, `Objection ${id}.`);
  if (objection.state === 'OPEN') return successWith(objection);
  return refuse(
    rightsResults.RIGHTS_OBJECTION_STATE,
    `Objection ${id} is ${objection.state}; needs OPEN.`,
  );
}

function closeObjection(
  ledger: Ledger,
  objection: Objection,
  state: Exclude<Objection['state'], 'OPEN'>,
  decisionReason: string | null,
): void {
  ledger.unschedule(objectionOverdueName, objection.id);
  ledger.write(
    objectionRecord,
    { ...objection, state, decisionReason, decidedAtMs: ledger.timeMs },
    `rights.objection-${state.toLowerCase()}`,
  );
}

/** One objection less; without any, publicity goes on to its end, or is closed where that is over. */
function afterObjection(ledger: Ledger, registration: Registration): void {
  const next = { ...registration, openObjections: registration.openObjections - 1 };
  if (next.openObjections > 0) {
    writeRegistration(ledger, next, 'rights.objection-settled');
    return;
  }
  const { publicityEndsAtMs } = next;
  assert(publicityEndsAtMs !== null, 'publicity has its end');
  const closesHere = ledger.machineVersion < sinceMachineVersion.provisionalDeadlines;
  // Later versions leave it to the deadline, which knows whether the time is known.
  if (ledger.timeMs >= publicityEndsAtMs && closesHere) {
    writeRegistration(ledger, closePublicity(ledger, next), 'rights.publicity-closed');
  } else {
    writeRegistration(
      ledger,
      { ...next, state: 'PUBLICITY', dueAtMs: publicityEndsAtMs },
      'rights.publicity-resumed',
    );
  }
}

/** Ends the procedure; objections that were still open lapse with it. */
function endWithObjections(
  ledger: Ledger,
  registration: Registration,
  state: 'REFUSED' | 'TERMINATED',
  decisionReason: string,
): void {
  for (const id of registration.objectionIds) {
    const objection = readObjection(ledger, id);
    if (objection?.state === 'OPEN') closeObjection(ledger, objection, 'LAPSED', null);
  }
  writeRegistration(
    ledger,
    { ...registration, state, decisionReason, dueAtMs: null, openObjections: 0 },
    state === 'REFUSED' ? 'rights.refused' : 'rights.terminated',
  );
}
