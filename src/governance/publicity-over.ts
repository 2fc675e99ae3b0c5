import { assert } from '../base/assert.ts';
import type { Deadline } from '../base/room.ts';
import { adopt } from './adopt.ts';
import { checkNext, hasRegulator, moveProposal, proposalRecord, publicityOver } from './state.ts';

/** Where the chain has a regulator its silence decides nothing; where it has none, publicity does. */
export const publicityOverDeadline: Deadline = {
  name: publicityOver,
  apply(ledger, id) {
    const proposal = ledger.read(proposalRecord, id);
    assert(proposal?.state === 'PROPOSED', 'a proposal in publicity is open');
    if (!checkNext(ledger, proposal.value ?? 0).ok) {
      moveProposal(ledger, proposal, 'publicity-over', 'LAPSED', 'governance.lapsed');
    } else if (hasRegulator(ledger)) {
      moveProposal(ledger, proposal, 'publicity-over', 'PROPOSED', 'governance.publicity-ended');
    } else {
      adopt(ledger, proposal, 'publicity-over', 'PUBLICITY');
    }
  },
};
