import type { Room } from '../base/room.ts';
import { addKey } from './add-key.ts';
import { admit } from './admit.ts';
import { reinstate, suspend } from './change-standing.ts';
import { identityResults } from './results.ts';
import { revokeKey } from './revoke-key.ts';
import { rotateKey } from './rotate-key.ts';
import { creditCodeRecord, keyRecord, organisationRecord } from './state.ts';

export const identityRoom: Room = {
  name: 'identity',
  records: [organisationRecord, creditCodeRecord, keyRecord],
  operations: [admit, addKey, rotateKey, revokeKey, suspend, reinstate],
  deadlines: [],
  results: identityResults,
};
