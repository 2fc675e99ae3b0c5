import type { Room } from '../base/room.ts';
import { approve, reject } from './decide.ts';
import { propose } from './propose.ts';
import { publicityOverDeadline } from './publicity-over.ts';
import { governanceResults } from './results.ts';
import { machineVersionRecord, proposalRecord, regulatorSeatRecord } from './state.ts';
import { takeSeat } from './take-seat.ts';
import { withdraw } from './withdraw.ts';

export const governanceRoom: Room = {
  name: 'governance',
  records: [proposalRecord, machineVersionRecord, regulatorSeatRecord],
  operations: [propose, approve, reject, withdraw, takeSeat],
  deadlines: [publicityOverDeadline],
  results: governanceResults,
};
