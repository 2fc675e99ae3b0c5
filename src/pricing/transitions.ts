import { refuse, successWith, type Outcome } from '../base/result.ts';
import { pricingResults } from './results.ts';
import { valuationStates, type Valuation, type ValuationState } from './schema.ts';

export type ValuationVerb = 'agree' | 'contest' | 'withdraw';

/** From a state by a verb to a state; what is not here is refused. A confirmed valuation stays on
 * record: trades may rest on it. */
export const valuationTransitions: Readonly<
  Record<ValuationState, Partial<Record<ValuationVerb, ValuationState>>>
> = {
  SUBMITTED: { agree: 'CONFIRMED', contest: 'CONTESTED', withdraw: 'WITHDRAWN' },
  CONFIRMED: { agree: 'CONFIRMED', contest: 'CONTESTED' },
  CONTESTED: { agree: 'CONTESTED', contest: 'CONTESTED', withdraw: 'WITHDRAWN' },
  WITHDRAWN: {},
};

/** The state that `verb` leads to, or PRICING_STATE. */
export function nextState(valuation: Valuation, verb: ValuationVerb): Outcome<ValuationState> {
  const next = valuationTransitions[valuation.state][verb];
  if (next) return successWith(next);
  const allowed = valuationStates.filter((state) => valuationTransitions[state][verb]);
  return refuse(
    pricingResults.PRICING_STATE,
    `Valuation ${valuation.id} is ${valuation.state}; needs ${allowed.join(' or ')}.`,
  );
}
