import type { Room } from '../base/room.ts';
import { confirmValuation } from './confirm-valuation.ts';
import { pricingResults } from './results.ts';
import { valuationRecord } from './state.ts';
import { submitValuation } from './submit-valuation.ts';
import { withdrawValuation } from './withdraw-valuation.ts';

export const pricingRoom: Room = {
  name: 'pricing',
  records: [valuationRecord],
  operations: [submitValuation, confirmValuation, withdrawValuation],
  deadlines: [],
  results: pricingResults,
};
