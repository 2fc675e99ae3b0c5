import type { Room } from '../base/room.ts';
import { confirmNoNotice } from './confirm-no-notice.ts';
import { approve, reject } from './decide.ts';
import { propose } from './propose.ts';
import { proposeCalendarYear, proposeRules } from './propose-rules.ts';
import { publicityOverDeadline } from './publicity-over.ts';
import { governanceResults } from './results.ts';
import {
  machineVersionRecord,
  noNoticeRecord,
  proposalRecord,
  proposedRulesRecord,
  provisionalDeadlineRecord,
  regulatorSeatRecord,
  rulesVersionRecord,
} from './state.ts';
import { takeSeat } from './take-seat.ts';
import { withdraw } from './withdraw.ts';

export const governanceRoom: Room = {
  name: 'governance',
  records: [
    ...[proposalRecord, machineVersionRecord, regulatorSeatRecord, proposedRulesRecord],
    ...[rulesVersionRecord, noNoticeRecord, provisionalDeadlineRecord],
  ],
  operations: [
    ...[propose, approve, reject, withdraw, takeSeat],
    ...[proposeRules, proposeCalendarYear, confirmNoNotice],
  ],
  deadlines: [publicityOverDeadline],
  results: governanceResults,
};
