import { assert } from '../../base/assert.ts';
import type { CostInputs } from '../../pricing/methods/cost.ts';
import { inputsCommitment, rerun } from '../../pricing/rerun.ts';
import { confirmValuationCommand, submitValuationCommand } from '../../pricing/schema.ts';
import { act, ids, newSalt, type Scenario } from '../scenario.ts';

const valuationId = ids.valuation;

/** What the appraiser shows to whom it concerns: enough to run the valuation again. */
export interface ValuationOpening {
  readonly inputs: CostInputs;
  readonly salt: Uint8Array;
}

/** The appraiser values by cost; the buyer runs the method again on the inputs it is shown. */
export async function playValuation({ stage, player }: Scenario): Promise<ValuationOpening> {
  stage.act('Valuation 估值');
  const salt = newSalt();
  const inputs: CostInputs = {
    totalCostFen: 12_000_000n,
    returnRate: '0.2',
    quality: '0.9',
    circulation: '0.8',
    monopoly: '0.1',
    risk: '0.15',
  };
  const result = rerun('COST', 1, inputs);
  const committed = inputsCommitment(salt, 'COST', 1, inputs);
  assert(result.ok && committed.ok, 'the inputs fit the method');
  await stage.step('appraiser', `values it by the cost method: ${yuan(result.value)}`, () =>
    player('appraiser').submit(
      act('pricing.submit-valuation', submitValuationCommand, {
        valuationId,
        subjectId: ids.listing,
        subjectRevision: 1,
        method: 'COST',
        methodVersion: 1,
        inputsCommitment: committed.value,
        holders: ['buyer'],
        resultFen: result.value,
      }),
    ),
  );
  await stage.step('buyer', 'runs the method again on the inputs: the same', () => {
    const own = rerun('COST', 1, inputs);
    assert(own.ok, 'the inputs fit the method');
    return player('buyer').submit(
      act('pricing.confirm-valuation', confirmValuationCommand, {
        valuationId,
        resultFen: own.value,
      }),
    );
  });
  return { inputs, salt };
}

/** 10 000 000 fen as CNY 100,000.00. */
export function yuan(amountFen: bigint): string {
  const whole = (amountFen / 100n).toLocaleString('en-US');
  return `CNY ${whole}.${String(amountFen % 100n).padStart(2, '0')}`;
}
