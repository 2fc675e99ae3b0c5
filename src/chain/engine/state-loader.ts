import { assert } from '../../base/assert.ts';
import { StateForged, StateMiss } from '../machine/cached-state.ts';
import type { Machine } from '../machine/machine.ts';
import type { StateChange } from '../machine/state.ts';
import type { StateSource } from './ports.ts';
import { namedVersion } from './version-unknown.ts';
import { stateForged, storeFenced, strayedMax } from './state-faults.ts';

/**
 * Lets a machine take steps whose values are in the store. What many steps lack at one moment is
 * read by one query.
 */
export class StateLoader {
  readonly #machine: Machine;
  readonly #source: StateSource | null;
  readonly #wanted = new Set<string>();
  #reading: Promise<void> | null = null;
  /** Reads in a row that found the store at another height than the machine. */
  #strayed = 0;

  constructor(machine: Machine, source: StateSource | null) {
    this.#machine = machine;
    this.#source = source;
  }

  /** Takes a step if everything that it reads is in memory; undefined otherwise. */
  tryNow<Value>(step: () => Value): Value | undefined {
    try {
      return step();
    } catch (error) {
      if (error instanceof StateMiss) return undefined;
      throw namedVersion(error);
    }
  }

  /** Takes a step of the machine, again and again until it lacks nothing. */
  async run<Value>(step: () => Value): Promise<Value> {
    for (;;) {
      try {
        return step();
      } catch (error) {
        if (!(error instanceof StateMiss)) throw namedVersion(error);
        await this.#load(error.keys);
      }
    }
  }

  #load(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#wanted.add(key);
    return (this.#reading ??= this.#read());
  }

  async #read(): Promise<void> {
    // Steps of the same turn join in.
    await Promise.resolve();
    const keys = [...this.#wanted];
    this.#wanted.clear();
    this.#reading = null;
    assert(this.#source, 'a machine on a CachedState has a source of values');
    const { height, rows } = await this.#source.readState(keys);
    if (this.#take(height, rows)) {
      this.#strayed = 0;
    } else if ((this.#strayed += 1) > strayedMax) {
      throw storeFenced(height);
    }
  }

  #take(height: number, rows: readonly StateChange[]): boolean {
    try {
      return this.#machine.loadState(height, rows);
    } catch (error) {
      if (!(error instanceof StateForged)) throw error;
      throw stateForged(error.key);
    }
  }
}
