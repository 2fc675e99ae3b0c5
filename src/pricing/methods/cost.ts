import { fen, record, type Static } from '../../base/schema.ts';
import { add, one, parseDecimal, product, rational, roundHalfUp, subtract } from '../rational.ts';
import { decimal, fraction } from './inputs.ts';

export const costInputs = record({
  totalCostFen: fen('Total cost TC of making the product, fen'),
  returnRate: decimal('Expected return R on the cost'),
  quality: decimal('Quality α, from the quality report'),
  circulation: decimal('Circulation β'),
  monopoly: decimal('Monopoly l'),
  risk: fraction('Risk r'),
});
export type CostInputs = Static<typeof costInputs>;

/**
 * Cost method, version 1: P = TC · (1 + R) · α · β · (1 + l) · (1 − r).
 * @returns fen, exact until one rounding half up at the end
 */
export const costFen = (inputs: CostInputs): bigint =>
  roundHalfUp(
    product([
      rational(inputs.totalCostFen),
      add(one, parseDecimal(inputs.returnRate)),
      parseDecimal(inputs.quality),
      parseDecimal(inputs.circulation),
      add(one, parseDecimal(inputs.monopoly)),
      subtract(one, parseDecimal(inputs.risk)),
    ]),
  );
