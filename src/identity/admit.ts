import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { keyIdOf } from '../base/key-id.ts';
import { checkNewKey, checkRoles } from './key-rules.ts';
import { identityResults } from './results.ts';
import { admitCommand } from './schema.ts';
import { keyRecord, organisationRecord, readOrganisation } from './state.ts';

/** The operator admits an organisation with its first key, which holds all of its roles. */
export const admit = defineOperation({
  number: 100,
  name: 'identity.admit',
  title: 'Admit an organisation with its first key',
  command: admitCommand,
  roles: ['OPERATOR'],
  apply(context, command) {
    const { organisationId, publicKey, possession, ...facts } = command;
    if (readOrganisation(context, organisationId)) {
      return refuse(identityResults.ORGANISATION_EXISTS, `Organisation ${organisationId}.`);
    }
    const roles = checkRoles(facts.roles);
    if (!roles.ok) return roles;
    const key = checkNewKey(context, organisationId, publicKey, possession);
    if (!key.ok) return key;
    context.write(
      organisationRecord,
      {
        ...facts,
        id: organisationId,
        state: 'ACTIVE',
        admittedAtMs: context.timeMs,
        changedAtMs: context.timeMs,
      },
      'identity.admitted',
    );
    context.write(
      keyRecord,
      {
        id: keyIdOf(publicKey),
        state: 'ACTIVE',
        organisationId,
        publicKey,
        roles: facts.roles,
        addedAtMs: context.timeMs,
        revokedAtMs: null,
      },
      'identity.key-added',
    );
    return success;
  },
});
