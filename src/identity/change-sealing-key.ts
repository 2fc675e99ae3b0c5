import { assert } from '../base/assert.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { identityResults } from './results.ts';
import { changeSealingKeyCommand } from './schema.ts';
import { organisationRecord, readOrganisation } from './state.ts';

/** From now on all is sealed to the new key. The old one opens what was sealed to it: its holder keeps it. */
export const changeSealingKey = defineOperation({
  number: 107,
  name: 'identity.change-sealing-key',
  title: 'Change the key that is sealed to',
  command: changeSealingKeyCommand,
  roles: ['ADMIN', 'OPERATOR'],
  since: sinceMachineVersion.livingOrganisations,
  apply(context, { encryptionKey }) {
    const { organisationId } = context.actor;
    const organisation = readOrganisation(context, organisationId);
    assert(organisation, 'who signs has an organisation');
    if (organisation.encryptionKey === encryptionKey) {
      return refuse(identityResults.ORGANISATION_UNCHANGED, `Sealing key ${encryptionKey}.`);
    }
    const changed = { encryptionKey, changedAtMs: context.timeMs };
    context.write(
      organisationRecord,
      { ...organisation, ...changed },
      'identity.sealing-key-changed',
    );
    return success;
  },
});
