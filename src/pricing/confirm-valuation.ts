import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { pricingResults } from './results.ts';
import { confirmValuationCommand } from './schema.ts';
import { readValuation, valuationRecord } from './state.ts';
import { nextState } from './transitions.ts';

/**
 * A party that the appraiser gave the inputs to states the result of its own run: an equal one
 * confirms the valuation, another one contests it, and both stay on record.
 */
export const confirmValuation = defineOperation({
  number: 301,
  name: 'pricing.confirm-valuation',
  title: 'State the result of re-running a valuation',
  command: confirmValuationCommand,
  roles: [],
  apply(context, { valuationId, resultFen }) {
    const valuation = readValuation(context, valuationId);
    if (!valuation) {
      return refuse(pricingResults.PRICING_VALUATION_NOT_FOUND, `Valuation ${valuationId}.`);
    }
    const { organisationId } = context.actor;
    if (valuation.appraiser === organisationId) {
      return refuse(pricingResults.PRICING_OWN_VALUATION, `Valuation ${valuationId}.`);
    }
    if (!valuation.holders.includes(organisationId)) {
      const detail = `Valuation ${valuationId} names ${valuation.holders.join(', ')}.`;
      return refuse(pricingResults.PRICING_NOT_HOLDER, detail);
    }
    const agrees = valuation.resultFen === resultFen;
    const state = nextState(valuation, agrees ? 'agree' : 'contest');
    if (!state.ok) return state;
    const { confirmations } = valuation;
    if (confirmations.some((earlier) => earlier.organisationId === organisationId)) {
      return refuse(pricingResults.PRICING_ALREADY_CONFIRMED, `${organisationId}, ${valuationId}.`);
    }
    const confirmation = { organisationId, resultFen, atMs: context.timeMs };
    context.write(
      valuationRecord,
      { ...valuation, state: state.value, confirmations: [...confirmations, confirmation] },
      agrees ? 'pricing.valuation-confirmed' : 'pricing.valuation-contested',
    );
    return success;
  },
});
