import { assert } from '../../base/assert.ts';
import type { Machine } from '../machine/machine.ts';
import type { Checkpoint, StateClaims } from './engine.ts';
import type { StateSource } from './ports.ts';
import { stateForged, storeFenced, strayedMax } from './state-faults.ts';

/** Keys of one query: a block that comes meanwhile waits for no more of them than a millisecond. */
const keysPerRead = 128;

interface Read {
  readonly value: Uint8Array | null;
  /** Of the machine, when the value was seen to be the committed one. */
  readonly height: number;
}

/**
 * What the state holds under keys, with proofs. Anybody may ask for any of it: blocks wait for none of
 * these reads, and nothing of what they bring stays in memory, where it would drive out what blocks need.
 */
export class ClaimReader {
  readonly #machine: () => Machine;
  readonly #source: StateSource | null;

  /**
   * @param machine that stands now
   * @param source of its values, on connections that blocks do not need; null where all are in memory
   */
  constructor(machine: () => Machine, source: StateSource | null) {
    this.#machine = machine;
    this.#source = source;
  }

  /**
   * All of one moment, that of the checkpoint; null where there is none. Throws OperationalError
   * STORE_INCONSISTENT or STORE_FENCED.
   */
  async claims(
    checkpointNow: () => Checkpoint | null,
    keys: readonly string[],
  ): Promise<StateClaims | null> {
    const found = new Map<string, Read>();
    for (let round = 0; round < strayedMax; round += 1) {
      const machine = this.#machine();
      const checkpoint = checkpointNow();
      if (checkpoint === null) return null;
      const values = keys.map((key) => valueNow(machine, key, found.get(key)));
      if (isComplete(values)) return claimsOf(machine, checkpoint, keys, values);
      await this.#read(
        keys.filter((_, at) => values[at] === undefined),
        found,
      );
    }
    throw storeFenced(this.#machine().head.height);
  }

  async #read(keys: readonly string[], found: Map<string, Read>): Promise<void> {
    assert(this.#source, 'a machine on a CachedState has a source of values');
    for (let at = 0; at < keys.length; at += keysPerRead) {
      const { height, rows } = await this.#source.readState(keys.slice(at, at + keysPerRead));
      const machine = this.#machine();
      // Another node's, or one block late: read again.
      if (!machine.standsOn(height)) return;
      for (const { key, value } of rows) {
        if (machine.peekState(key) !== undefined) continue;
        if (!machine.holdsState(key, value)) throw stateForged(key);
        found.set(key, { value, height: machine.head.height });
      }
    }
  }
}

/** Undefined where it is to be read. */
function valueNow(
  machine: Machine,
  key: string,
  read: Read | undefined,
): Uint8Array | null | undefined {
  const known = machine.peekState(key);
  if (known !== undefined || !read) return known;
  const isSame = read.height === machine.head.height || machine.holdsState(key, read.value);
  return isSame ? read.value : undefined;
}

const isComplete = (
  values: readonly (Uint8Array | null | undefined)[],
): values is readonly (Uint8Array | null)[] => !values.includes(undefined);

const claimsOf = (
  machine: Machine,
  checkpoint: Checkpoint,
  keys: readonly string[],
  values: readonly (Uint8Array | null)[],
): StateClaims => ({
  checkpoint,
  claims: keys.map((key, at) => ({
    key,
    value: values[at] ?? null,
    proof: machine.proveState(key),
  })),
});
