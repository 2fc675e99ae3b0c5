import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { identityResults } from './results.ts';
import { revokeKeyCommand } from './schema.ts';
import { keyRecord, readKey } from './state.ts';

/** The organisation's administrator, or the operator, revokes a key from the next envelope on. */
export const revokeKey = defineOperation({
  number: 103,
  name: 'identity.revoke-key',
  title: 'Revoke a key',
  command: revokeKeyCommand,
  roles: ['ADMIN', 'OPERATOR'],
  apply(context, { keyId }) {
    const key = readKey(context, keyId);
    if (!key) return refuse(identityResults.IDENTITY_KEY_NOT_FOUND, `Key ${keyId}.`);
    const { organisationId, roles } = context.actor;
    if (key.organisationId !== organisationId && !roles.includes('OPERATOR')) {
      return refuse(identityResults.KEY_OF_ANOTHER, `Key ${keyId} of ${key.organisationId}.`);
    }
    if (key.state === 'REVOKED') {
      return refuse(identityResults.KEY_ALREADY_REVOKED, `Key ${keyId}.`);
    }
    if (keyId === context.actor.keyId) {
      return refuse(identityResults.LAST_ADMIN_KEY, `Key ${keyId}.`);
    }
    context.write(
      keyRecord,
      { ...key, state: 'REVOKED', revokedAtMs: context.timeMs },
      'identity.key-revoked',
    );
    return success;
  },
});
