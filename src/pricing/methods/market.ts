import { fen, record, type Static } from '../../base/schema.ts';
import { parseDecimal, product, rational, roundHalfUp } from '../rational.ts';
import { decimal } from './inputs.ts';

export const marketInputs = record({
  comparableFen: fen('Price P_c of a comparable deal, fen'),
  quality: decimal('Correction for quality'),
  supply: decimal('Correction for supply and demand'),
  date: decimal('Correction for the date of the deal'),
  volume: decimal('Correction for volume'),
  other: decimal('Correction for whatever else differs'),
});
export type MarketInputs = Static<typeof marketInputs>;

/**
 * Market method, version 1: P = P_c · k_quality · k_supply · k_date · k_volume · k_other.
 * @returns fen, exact until one rounding half up at the end
 */
export const marketFen = (inputs: MarketInputs): bigint =>
  roundHalfUp(
    product([
      rational(inputs.comparableFen),
      ...[inputs.quality, inputs.supply, inputs.date, inputs.volume, inputs.other].map(
        parseDecimal,
      ),
    ]),
  );
