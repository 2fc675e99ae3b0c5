import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { methodOf } from './rerun.ts';
import { pricingResults } from './results.ts';
import { submitValuationCommand } from './schema.ts';
import { readValuation, valuationRecord } from './state.ts';

/** The appraiser states a result and commits to the inputs that anybody entitled can re-run. */
export const submitValuation = defineOperation({
  number: 300,
  name: 'pricing.submit-valuation',
  title: 'Submit a valuation of a listing',
  command: submitValuationCommand,
  roles: ['APPRAISER'],
  apply(context, { valuationId, ...facts }) {
    if (readValuation(context, valuationId)) {
      return refuse(pricingResults.PRICING_VALUATION_EXISTS, `Valuation ${valuationId}.`);
    }
    const method = methodOf(facts.method, facts.methodVersion);
    if (!method.ok) return method;
    context.write(
      valuationRecord,
      {
        ...facts,
        id: valuationId,
        state: 'SUBMITTED',
        appraiser: context.actor.organisationId,
        confirmations: [],
        submittedAtMs: context.timeMs,
        withdrawalReason: null,
      },
      'pricing.valuation-submitted',
    );
    return success;
  },
});
