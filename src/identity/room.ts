import type { Room } from '../base/room.ts';
import { addKey } from './add-key.ts';
import { admit } from './admit.ts';
import { changeSealingKey } from './change-sealing-key.ts';
import { reinstate, suspend } from './change-standing.ts';
import { refuseRecovery, withdrawRecovery } from './end-recovery.ts';
import { proposeRecovery } from './propose-recovery.ts';
import { recoveryDueDeadline } from './recover.ts';
import { restate } from './restate.ts';
import { identityResults } from './results.ts';
import { revokeKey } from './revoke-key.ts';
import { rotateKey } from './rotate-key.ts';
import { creditCodeRecord, keyRecord, organisationRecord, recoveryRecord } from './state.ts';

export const identityRoom: Room = {
  name: 'identity',
  records: [organisationRecord, creditCodeRecord, keyRecord, recoveryRecord],
  operations: [
    ...[admit, addKey, rotateKey, revokeKey, suspend, reinstate, restate, changeSealingKey],
    ...[proposeRecovery, refuseRecovery, withdrawRecovery],
  ],
  deadlines: [recoveryDueDeadline],
  results: identityResults,
};
