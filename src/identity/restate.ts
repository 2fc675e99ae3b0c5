import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import type { Role } from '../base/roles.ts';
import { defineOperation } from '../base/room.ts';
import { checkRoles } from './key-rules.ts';
import { identityResults } from './results.ts';
import { restateCommand, type Organisation } from './schema.ts';
import { organisationRecord, readOrganisation } from './state.ts';

/**
 * The operator states anew what it has attested of an organisation: its name, its owner, its roles. Not the
 * organisation itself, which would choose whom it is related to. A role that goes is lost by its keys at
 * once; one that comes is held by keys that are added with it.
 */
export const restate = defineOperation({
  number: 106,
  name: 'identity.restate',
  title: 'State name, owner and roles of an organisation anew',
  command: restateCommand,
  roles: ['OPERATOR'],
  since: sinceMachineVersion.livingOrganisations,
  apply(context, { organisationId, name, beneficialOwner, roles }) {
    const organisation = readOrganisation(context, organisationId);
    if (!organisation) {
      return refuse(identityResults.ORGANISATION_NOT_FOUND, `Organisation ${organisationId}.`);
    }
    const checked = checkNewRoles(organisation, roles);
    if (!checked.ok) return checked;
    const same =
      organisation.name === name &&
      organisation.beneficialOwner === beneficialOwner &&
      areSame(organisation.roles, roles);
    if (same) {
      return refuse(identityResults.ORGANISATION_UNCHANGED, `Organisation ${organisationId}.`);
    }
    const changed = { name, beneficialOwner, roles, changedAtMs: context.timeMs };
    context.write(organisationRecord, { ...organisation, ...changed }, 'identity.restated');
    return success;
  },
});

const areSame = (left: readonly Role[], right: readonly Role[]): boolean =>
  left.length === right.length && left.every((role) => right.includes(role));

/** The operator’s own are given by genesis: it neither loses its office nor takes another. */
function checkNewRoles(organisation: Organisation, roles: readonly Role[]): Outcome {
  if (!organisation.roles.includes('OPERATOR')) return checkRoles(roles);
  if (areSame(organisation.roles, roles)) return success;
  return refuse(
    identityResults.OPERATOR_STANDING,
    `${organisation.id} holds ${organisation.roles.join(', ')}; needs the same roles again.`,
  );
}
