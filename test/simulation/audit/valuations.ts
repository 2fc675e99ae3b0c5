/** Valuations by the rules alone: who may speak of one, and what stands of it then. */
import type { View } from '../view.ts';
import { must } from './must.ts';

interface Opinion {
  readonly appraiser: string;
  readonly holders: readonly string[];
  readonly resultFen: bigint;
  readonly spoken: Set<string>;
  state: string;
}

export class ValuationAuditor {
  readonly #opinions = new Map<string, Opinion>();

  apply(name: string, by: string, command: Record<string, unknown>): void {
    const id = String(command['valuationId']);
    const opinion = this.#opinions.get(id);
    if (name === 'pricing.submit-valuation') {
      const holders = command['holders'] as string[];
      must(!opinion && !holders.includes(by), `${by} may submit ${id}`);
      const resultFen = command['resultFen'] as bigint;
      const spoken = new Set<string>();
      this.#opinions.set(id, { appraiser: by, holders, resultFen, spoken, state: 'SUBMITTED' });
    } else if (name === 'pricing.confirm-valuation') {
      must(opinion && opinion.holders.includes(by), `${by} has the inputs of ${id}`);
      must(!opinion.spoken.has(by), `${by} speaks of ${id} once`);
      must(opinion.state !== 'WITHDRAWN', `${id} stands`);
      opinion.spoken.add(by);
      const agrees = command['resultFen'] === opinion.resultFen;
      opinion.state = agrees && opinion.state !== 'CONTESTED' ? 'CONFIRMED' : 'CONTESTED';
    } else if (name === 'pricing.withdraw-valuation') {
      must(opinion?.appraiser === by && opinion.state !== 'CONFIRMED', `${by} may withdraw ${id}`);
      opinion.state = 'WITHDRAWN';
    }
  }

  compare(view: View): void {
    for (const { id, state } of view.all('valuation')) {
      const { state: expected } = this.#opinions.get(id) ?? { state: 'unknown' };
      must(state === expected, `valuation ${id} is ${String(state)}, not ${expected}`);
    }
  }
}
