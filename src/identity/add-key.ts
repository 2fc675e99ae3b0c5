import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { assert } from '../base/assert.ts';
import { keyIdOf } from '../base/key-id.ts';
import { checkNewKey } from './key-rules.ts';
import { identityResults } from './results.ts';
import { addKeyCommand } from './schema.ts';
import { keyRecord, readOrganisation } from './state.ts';

/** An organisation's administrator adds a key with some of the organisation's roles. */
export const addKey = defineOperation({
  number: 101,
  name: 'identity.add-key',
  title: 'Add a key to the own organisation',
  command: addKeyCommand,
  roles: ['ADMIN', 'OPERATOR'],
  apply(context, { publicKey, roles, possession }) {
    const { organisationId } = context.actor;
    const organisation = readOrganisation(context, organisationId);
    assert(organisation, 'who signs has an organisation');
    if (new Set(roles).size !== roles.length) {
      return refuse(identityResults.ROLES_REPEATED, roles.join(', '));
    }
    const missing = roles.find((role) => !organisation.roles.includes(role));
    if (missing) {
      return refuse(identityResults.ROLE_NOT_HELD, `${organisationId} does not hold ${missing}.`);
    }
    const key = checkNewKey(context, organisationId, publicKey, possession);
    if (!key.ok) return key;
    context.write(
      keyRecord,
      {
        id: keyIdOf(publicKey),
        state: 'ACTIVE',
        organisationId,
        publicKey,
        roles,
        addedAtMs: context.timeMs,
        revokedAtMs: null,
      },
      'identity.key-added',
    );
    return success;
  },
});
