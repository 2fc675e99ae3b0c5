import { assert } from '../base/assert.ts';
import type { Deadline } from '../base/room.ts';
import { adopt, checkAdoptable } from './adopt.ts';
import { hasRegulator, moveProposal, proposalRecord, publicityOver } from './state.ts';

/** Where the chain has a regulator its silence decides nothing; where it has none, publicity does. */
export const publicityOverDeadline: Deadline = {
  name: publicityOver,
  period: 'publicity',
  putOff(ledger, id, publicUntilMs) {
    const proposal = ledger.read(proposalRecord, id);
    assert(proposal?.state === 'PROPOSED', 'a proposal in publicity is open');
    ledger.write(proposalRecord, { ...proposal, publicUntilMs }, 'governance.publicity-put-off');
  },
  apply(ledger, id) {
    const proposal = ledger.read(proposalRecord, id);
    assert(proposal?.state === 'PROPOSED', 'a proposal in publicity is open');
    if (!checkAdoptable(ledger, proposal).ok) {
      moveProposal(ledger, proposal, 'publicity-over', 'LAPSED', 'governance.lapsed');
    } else if (hasRegulator(ledger)) {
      moveProposal(ledger, proposal, 'publicity-over', 'PROPOSED', 'governance.publicity-ended');
    } else {
      adopt(ledger, proposal, 'publicity-over', 'PUBLICITY');
    }
  },
};
