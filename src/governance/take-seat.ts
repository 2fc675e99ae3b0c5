import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { governanceResults } from './results.ts';
import { takeSeatCommand } from './schema.ts';
import { hasRegulator, takeSeatFor } from './state.ts';

/** A regulator says that the chain has one before anything is proposed: nothing passes by silence then. */
export const takeSeat = defineOperation({
  number: 804,
  name: 'governance.take-seat',
  title: 'Take the regulator’s seat of the chain',
  command: takeSeatCommand,
  roles: ['REGULATOR'],
  apply(context) {
    if (hasRegulator(context)) {
      return refuse(governanceResults.REGULATOR_SEAT_TAKEN, 'Seat regulator.');
    }
    takeSeatFor(context, context.actor.organisationId);
    return success;
  },
});
