import type { Room } from '../base/room.ts';
import { chair } from './chair.ts';
import { commit } from './commit.ts';
import { expire } from './expire.ts';
import { open } from './open.ts';
import { complianceResults } from './results.ts';
import { reveal } from './reveal.ts';
import { reviewRecord } from './state.ts';

export const complianceRoom: Room = {
  name: 'compliance',
  records: [reviewRecord],
  operations: [open, commit, reveal, chair],
  deadlines: [expire],
  results: complianceResults,
};
