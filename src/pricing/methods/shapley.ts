import { assert } from '../../base/assert.ts';
import { add, multiply, rational, subtract, zero, type Rational } from '../rational.ts';

export const exactPlayersMax = 12;

function factorial(value: number): bigint {
  let found = 1n;
  for (let factor = 2n; factor <= BigInt(value); factor += 1n) found *= factor;
  return found;
}

function sizeOf(coalition: number): number {
  let size = 0;
  for (let rest = coalition; rest !== 0; rest >>= 1) size += rest & 1;
  return size;
}

/**
 * Shapley values φᵢ = Σ_{S⊆N∖i} |S|!(n−|S|−1)!/n!·[v(S∪i)−v(S)], exact.
 * Costs 2ⁿ calls of `worth` and n·2ⁿ additions.
 * @param players n, 1 to 12
 * @param worth v of a coalition, given as bits: bit i is player i
 * @returns one value per player; they add up to worth(everybody) − worth(nobody)
 */
export function shapley(players: number, worth: (coalition: number) => Rational): Rational[] {
  assert(players >= 1 && players <= exactPlayersMax, 'exact Shapley takes 1 to 12 players');
  const worths = Array.from({ length: 1 << players }, (_, coalition) => worth(coalition));
  const orders = factorial(players);
  const weights = Array.from({ length: players }, (_, size) =>
    rational(factorial(size) * factorial(players - size - 1), orders),
  );
  return Array.from({ length: players }, (_, player) => {
    let value = zero;
    for (const [coalition, without] of worths.entries()) {
      if ((coalition & (1 << player)) !== 0) continue;
      const gain = subtract(worths[coalition | (1 << player)] ?? zero, without);
      value = add(value, multiply(weights[sizeOf(coalition)] ?? zero, gain));
    }
    return value;
  });
}
