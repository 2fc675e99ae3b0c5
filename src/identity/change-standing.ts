import { refuse, success, type Outcome } from '../base/result.ts';
import { defineOperation, type Context } from '../base/room.ts';
import { identityResults } from './results.ts';
import { organisationStandingCommand, type Organisation } from './schema.ts';
import { organisationRecord, readOrganisation } from './state.ts';

function changeStanding(
  context: Context,
  organisationId: string,
  state: Organisation['state'],
  event: string,
): Outcome {
  const organisation = readOrganisation(context, organisationId);
  if (!organisation) {
    return refuse(identityResults.ORGANISATION_NOT_FOUND, `Organisation ${organisationId}.`);
  }
  if (organisationId === context.actor.organisationId) {
    return refuse(identityResults.OPERATOR_STANDING, `Organisation ${organisationId}.`);
  }
  if (organisation.state === state) {
    return refuse(identityResults.STANDING_UNCHANGED, `${organisationId} is ${state}.`);
  }
  context.write(organisationRecord, { ...organisation, state, changedAtMs: context.timeMs }, event);
  return success;
}

/** No key of a suspended organisation signs anything. */
export const suspend = defineOperation({
  number: 104,
  name: 'identity.suspend',
  title: 'Suspend an organisation',
  command: organisationStandingCommand,
  roles: ['OPERATOR'],
  apply: (context, { organisationId }) =>
    changeStanding(context, organisationId, 'SUSPENDED', 'identity.suspended'),
});

export const reinstate = defineOperation({
  number: 105,
  name: 'identity.reinstate',
  title: 'Reinstate a suspended organisation',
  command: organisationStandingCommand,
  roles: ['OPERATOR'],
  apply: (context, { organisationId }) =>
    changeStanding(context, organisationId, 'ACTIVE', 'identity.reinstated'),
});
