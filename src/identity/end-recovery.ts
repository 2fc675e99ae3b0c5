import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import { defineOperation, type Ledger } from '../base/room.ts';
import { recoveryDue } from './recover.ts';
import { identityResults } from './results.ts';
import { recoveryReasonCommand, type Recovery } from './schema.ts';
import { recoveryRecord } from './state.ts';

const since = sinceMachineVersion.livingOrganisations;

function openRecovery(ledger: Ledger, id: string): Outcome<Recovery> {
  const recovery = ledger.read(recoveryRecord, id);
  if (!recovery) return refuse(identityResults.RECOVERY_NOT_FOUND, `Recovery ${id}.`);
  return recovery.state === 'PROPOSED'
    ? successWith(recovery)
    : refuse(identityResults.RECOVERY_NOT_OPEN, `Recovery ${id} is ${recovery.state}.`);
}

/** Whoever still signs for the organisation says that its keys are not lost; a regulator may, too. */
export const refuseRecovery = defineOperation({
  number: 109,
  name: 'identity.refuse-recovery',
  title: 'Refuse the recovery of an organisation’s keys',
  command: recoveryReasonCommand,
  roles: [],
  since,
  apply(context, { recoveryId, reason }) {
    const opened = openRecovery(context, recoveryId);
    if (!opened.ok) return opened;
    const recovery = opened.value;
    const { organisationId, roles } = context.actor;
    if (recovery.organisationId !== organisationId && !roles.includes('REGULATOR')) {
      return refuse(
        identityResults.RECOVERY_OF_ANOTHER,
        `Recovery ${recoveryId} is of ${recovery.organisationId}.`,
      );
    }
    context.unschedule(recoveryDue, recoveryId);
    const refused = { refusedBy: organisationId, refusal: reason, changedAtMs: context.timeMs };
    context.write(
      recoveryRecord,
      { ...recovery, ...refused, state: 'REFUSED' },
      'identity.recovery-refused',
    );
    return success;
  },
});

/** The operator takes its own proposal back. */
export const withdrawRecovery = defineOperation({
  number: 110,
  name: 'identity.withdraw-recovery',
  title: 'Withdraw the recovery of an organisation’s keys',
  command: recoveryReasonCommand,
  roles: ['OPERATOR'],
  since,
  apply(context, { recoveryId, reason }) {
    const opened = openRecovery(context, recoveryId);
    if (!opened.ok) return opened;
    context.unschedule(recoveryDue, recoveryId);
    const withdrawn = { refusal: reason, changedAtMs: context.timeMs };
    context.write(
      recoveryRecord,
      { ...opened.value, ...withdrawn, state: 'WITHDRAWN' },
      'identity.recovery-withdrawn',
    );
    return success;
  },
});
