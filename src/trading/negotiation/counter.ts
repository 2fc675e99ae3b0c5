import { defineOperation } from '../../base/room.ts';
import { counterCommand } from '../schema.ts';
import { propose } from './propose.ts';

/** The buyer answers an offer with a request of other price or terms. */
export const counter = defineOperation({
  number: 602,
  name: 'trading.counter',
  title: 'Answer an offer with another request',
  command: counterCommand,
  roles: ['BUYER'],
  apply(context, command) {
    const step = { verb: 'counter', to: 'REQUESTED', event: 'trading.countered' } as const;
    return propose(context, 'buyer', step, { ...command, valuationId: null });
  },
});
