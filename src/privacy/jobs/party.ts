import { refuse, success, successWith, type Outcome } from '../../base/result.ts';
import type { Context, Ledger } from '../../base/room.ts';
import { areRelated, isInGoodStanding } from '../../identity/state.ts';
import type { Registration } from '../../rights/schema.ts';
import { readRegistration } from '../../rights/state.ts';
import { jobResults } from './results.ts';
import type { Job } from './schema.ts';

type Parties = Pick<Job, 'buyer' | 'seller'>;

/** Whether the signer is one of the organisations named. */
export const checkParty = (context: Context, organisationIds: readonly string[]): Outcome =>
  organisationIds.includes(context.actor.organisationId)
    ? success
    : refuse(jobResults.JOB_NOT_PARTY, `It asks for ${organisationIds.join(' or ')}.`);

export function checkStanding(ledger: Ledger, organisationIds: readonly string[]): Outcome {
  const fallen = organisationIds.find((id) => !isInGoodStanding(ledger, id));
  return fallen === undefined
    ? success
    : refuse(jobResults.JOB_PARTY_STANDING, `Organisation ${fallen}.`);
}

/** The registration that a licence or trade rests on, where it is in force. */
export function findRights(
  ledger: Ledger,
  { id, registrationId }: { readonly id: string; readonly registrationId: string },
): Outcome<Registration> {
  const registration = readRegistration(ledger, registrationId);
  return registration?.state === 'ACTIVE'
    ? successWith(registration)
    : refuse(jobResults.JOB_RIGHTS_NOT_ACTIVE, `Registration ${registrationId} of ${id}.`);
}

/** Neither a party's organisation nor one related to it. */
export function checkReviewer(context: Context, { buyer, seller }: Parties): Outcome {
  const { organisationId } = context.actor;
  const related = [buyer, seller].find((party) => areRelated(context, party, organisationId));
  return related === undefined
    ? success
    : refuse(jobResults.JOB_REVIEWER_RELATED, `${organisationId} to ${related}.`);
}
