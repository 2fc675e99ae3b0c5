import { success, type Outcome } from '../../base/result.ts';
import { defineOperation, type Context } from '../../base/room.ts';
import { licenceReasonCommand, type LicenceState } from '../schema.ts';
import { checkLicenceVerb, findLicence, moveLicence } from '../state.ts';
import type { LicenceVerb } from '../transitions.ts';

function supervise(
  context: Context,
  licenceId: string,
  verb: LicenceVerb,
  to: LicenceState,
  event: string,
): Outcome {
  const found = findLicence(context, licenceId);
  if (!found.ok) return found;
  const possible = checkLicenceVerb(found.value, verb);
  if (!possible.ok) return possible;
  moveLicence(context, found.value, verb, to, event);
  return success;
}

export const suspendLicence = defineOperation({
  number: 631,
  name: 'licence.suspend',
  title: 'Suspend a licence',
  command: licenceReasonCommand,
  roles: ['OPERATOR'],
  apply: (context, { licenceId }) =>
    supervise(context, licenceId, 'suspend', 'SUSPENDED', 'licence.suspended'),
});

export const resumeLicence = defineOperation({
  number: 632,
  name: 'licence.resume',
  title: 'Resume a suspended licence',
  command: licenceReasonCommand,
  roles: ['OPERATOR'],
  apply: (context, { licenceId }) =>
    supervise(context, licenceId, 'resume', 'ACTIVE', 'licence.resumed'),
});

export const revokeLicence = defineOperation({
  number: 633,
  name: 'licence.revoke',
  title: 'Revoke a licence for good',
  command: licenceReasonCommand,
  roles: ['OPERATOR'],
  apply: (context, { licenceId }) =>
    supervise(context, licenceId, 'revoke', 'REVOKED', 'licence.revoked'),
});
