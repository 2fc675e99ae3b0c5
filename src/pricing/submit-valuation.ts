import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { methodOf } from './rerun.ts';
import { pricingResults } from './results.ts';
import { submitValuationCommand } from './schema.ts';
import { readValuation, valuationRecord } from './state.ts';

/** The appraiser states a result and commits to the inputs, and names who has them and can run it again. */
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
    const { organisationId } = context.actor;
    const { holders } = facts;
    if (new Set(holders).size !== holders.length || holders.includes(organisationId)) {
      return refuse(pricingResults.PRICING_HOLDERS_UNFIT, holders.join(', '));
    }
    context.write(
      valuationRecord,
      {
        ...facts,
        id: valuationId,
        state: 'SUBMITTED',
        appraiser: organisationId,
        confirmations: [],
        submittedAtMs: context.timeMs,
        withdrawalReason: null,
      },
      'pricing.valuation-submitted',
    );
    return success;
  },
});
