import { assert } from '../base/assert.ts';
import { success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { keyIdOf } from '../base/key-id.ts';
import { checkNewKey } from './key-rules.ts';
import { rotateKeyCommand } from './schema.ts';
import { keyRecord, readKey } from './state.ts';

/** The signing key is replaced by a new one with the same roles, and revoked, in one step. */
export const rotateKey = defineOperation({
  number: 102,
  name: 'identity.rotate-key',
  title: 'Replace the signing key by a new one',
  command: rotateKeyCommand,
  roles: [],
  apply(context, { publicKey, possession }) {
    const { organisationId, keyId } = context.actor;
    const checked = checkNewKey(context, organisationId, publicKey, possession);
    if (!checked.ok) return checked;
    const old = readKey(context, keyId);
    assert(old, 'the signing key is registered');
    context.write(
      keyRecord,
      {
        ...old,
        id: keyIdOf(publicKey),
        publicKey,
        addedAtMs: context.timeMs,
      },
      'identity.key-added',
    );
    context.write(
      keyRecord,
      { ...old, state: 'REVOKED', revokedAtMs: context.timeMs },
      'identity.key-revoked',
    );
    return success;
  },
});
