import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { pricingResults } from './results.ts';
import { withdrawValuationCommand } from './schema.ts';
import { readValuation, valuationRecord } from './state.ts';
import { nextState } from './transitions.ts';

/** The appraiser takes back a valuation that nobody has confirmed. */
export const withdrawValuation = defineOperation({
  number: 302,
  name: 'pricing.withdraw-valuation',
  title: 'Withdraw a valuation',
  command: withdrawValuationCommand,
  roles: ['APPRAISER'],
  apply(context, { valuationId, reason }) {
    const valuation = readValuation(context, valuationId);
    if (!valuation) {
      return refuse(pricingResults.PRICING_VALUATION_NOT_FOUND, `Valuation ${valuationId}.`);
    }
    if (valuation.appraiser !== context.actor.organisationId) {
      return refuse(
        pricingResults.PRICING_NOT_PARTY,
        `Valuation ${valuationId} is by ${valuation.appraiser}.`,
      );
    }
    const state = nextState(valuation, 'withdraw');
    if (!state.ok) return state;
    context.write(
      valuationRecord,
      { ...valuation, state: state.value, withdrawalReason: reason },
      'pricing.valuation-withdrawn',
    );
    return success;
  },
});
