/** M-136, M-137: which rule pack holds at which height. */
import type { RulePack } from '../../base/rules.ts';
import type { StateChange } from './state.ts';

/** A rule pack that the chain has decided on, its calendar included. */
export interface RulesStep {
  /** 2 and up; genesis has the first. */
  readonly number: number;
  /** The first block that is executed by it. */
  readonly fromHeight: number;
  readonly rules: RulePack;
}

/** What a state row says of rule packs; null for any other row. */
export type RulesReader = (row: StateChange) => RulesStep | null;

/** Rule packs by height, all in memory: there is one for each change of rules or calendar. */
export class RulesInForce {
  readonly #read: RulesReader;
  /** In order: a later pack holds from a later height. */
  #steps: readonly RulesStep[];

  constructor(genesisRules: RulePack, read: RulesReader) {
    this.#read = read;
    this.#steps = [{ number: 1, fromHeight: 0, rules: genesisRules }];
  }

  /** Of rows that are committed, in any order. */
  apply(rows: readonly StateChange[]): void {
    const found = rows.map((row) => this.#read(row)).filter((step) => step !== null);
    if (found.length === 0) return;
    this.#steps = [...this.#steps, ...found].sort((left, right) => left.number - right.number);
  }

  at(height: number): RulePack {
    return (this.#steps.findLast(({ fromHeight }) => fromHeight <= height) ?? this.#first).rules;
  }

  get #first(): RulesStep {
    const [first] = this.#steps;
    if (!first) throw new RangeError('genesis has rules');
    return first;
  }
}
