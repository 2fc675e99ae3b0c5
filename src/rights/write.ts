import { refuse, successWith, type Outcome } from '../base/result.ts';
import type { Context, Ledger } from '../base/room.ts';
import { areRelated, isInGoodStanding } from '../identity/state.ts';
import { rightsResults } from './results.ts';
import type { Registration } from './schema.ts';
import { readRegistration, registrationRecord } from './state.ts';
import { checkStep, deadlineOfState, type Step } from './transitions.ts';

/** Writes a registration and makes its one running deadline that of its state. */
export function writeRegistration(ledger: Ledger, next: Registration, event: string): void {
  const before = readRegistration(ledger, next.id);
  const ran = before && deadlineOfState[before.state];
  const runs = next.dueAtMs === null ? null : deadlineOfState[next.state];
  if (ran && ran !== runs) ledger.unschedule(ran, next.id);
  if (runs && next.dueAtMs !== null) ledger.schedule(runs, next.id, next.dueAtMs);
  ledger.write(registrationRecord, next, event);
}

/** The registration, where this step may begin on it. */
export function findForStep(ledger: Ledger, step: Step, id: string): Outcome<Registration> {
  const registration = readRegistration(ledger, id);
  if (!registration) return refuse(rightsResults.RIGHTS_NOT_FOUND, `Registration ${id}.`);
  const state = checkStep(step, registration);
  return state.ok ? successWith(registration) : state;
}

/** As `findForStep`, for its applicant. */
export function findForApplicant(context: Context, step: Step, id: string): Outcome<Registration> {
  const found = findForStep(context, step, id);
  if (!found.ok) return found;
  const { organisationId } = context.actor;
  if (found.value.applicant === organisationId) return found;
  return refuse(rightsResults.RIGHTS_NOT_PARTY, `${organisationId} is not the applicant of ${id}.`);
}

/**
 * As `findForStep`, for a registrar: the one in charge, or any where nobody is, and never one
 * whose own data, or whose beneficial owner's, it is.
 */
export function findForRegistrar(context: Context, step: Step, id: string): Outcome<Registration> {
  const found = findForStep(context, step, id);
  if (!found.ok) return found;
  const { applicant, registrar } = found.value;
  const { organisationId } = context.actor;
  if (registrar !== null && registrar !== organisationId) {
    return refuse(rightsResults.RIGHTS_NOT_PARTY, `${registrar} is in charge of ${id}.`);
  }
  if (areRelated(context, organisationId, applicant)) {
    return refuse(rightsResults.RIGHTS_OWN_DATA, `${organisationId} for ${applicant}.`);
  }
  return found;
}

/** As `findForRegistrar`, where the applicant must be in good standing too. */
export function findInGoodStanding(
  context: Context,
  step: Step,
  id: string,
): Outcome<Registration> {
  const found = findForRegistrar(context, step, id);
  if (!found.ok || isInGoodStanding(context, found.value.applicant)) return found;
  return refuse(
    rightsResults.RIGHTS_APPLICANT_SUSPENDED,
    `Organisation ${found.value.applicant}, registration ${id}.`,
  );
}
