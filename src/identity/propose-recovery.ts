import { periodEndMs } from '../base/calendar.ts';
import { keyIdOf } from '../base/key-id.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { checkNewKey } from './key-rules.ts';
import { identityResults } from './results.ts';
import { recoveryDue } from './recover.ts';
import { proposeRecoveryCommand } from './schema.ts';
import { readOrganisation, recoveryRecord } from './state.ts';

/**
 * An organisation whose last key is lost or revoked can sign nothing, and cannot be admitted again. The
 * operator, who has seen its papers, proposes a new key for it. It stands in public for the publicity
 * period of the rule pack, in which whoever holds a key of the organisation after all, or a regulator,
 * refuses it; else it takes effect by itself.
 */
export const proposeRecovery = defineOperation({
  number: 108,
  name: 'identity.propose-recovery',
  title: 'Propose a new key for an organisation that has lost its keys',
  command: proposeRecoveryCommand,
  roles: ['OPERATOR'],
  since: sinceMachineVersion.livingOrganisations,
  apply(context, { recoveryId, possession, ...facts }) {
    const { organisationId, publicKey } = facts;
    if (recoveryId !== keyIdOf(publicKey)) {
      return refuse(identityResults.RECOVERY_MISNAMED, `Recovery ${recoveryId}.`);
    }
    if (context.read(recoveryRecord, recoveryId)) {
      return refuse(identityResults.RECOVERY_EXISTS, `Recovery ${recoveryId}.`);
    }
    const organisation = readOrganisation(context, organisationId);
    if (!organisation) {
      return refuse(identityResults.ORGANISATION_NOT_FOUND, `Organisation ${organisationId}.`);
    }
    if (organisation.roles.includes('OPERATOR')) {
      return refuse(identityResults.OPERATOR_STANDING, `Organisation ${organisationId}.`);
    }
    const key = checkNewKey(context, organisationId, publicKey, possession);
    if (!key.ok) return key;
    const { timeMs, rules, actor } = context;
    const publicUntilMs = periodEndMs(timeMs, rules.periods.publicity, rules.calendar);
    context.schedule(recoveryDue, recoveryId, publicUntilMs);
    context.write(
      recoveryRecord,
      {
        ...{ id: recoveryId, state: 'PROPOSED', ...facts },
        ...{ proposedBy: actor.organisationId, proposedAtMs: timeMs, publicUntilMs },
        ...{ refusedBy: null, refusal: null, changedAtMs: timeMs },
      },
      'identity.recovery-proposed',
    );
    return success;
  },
});
