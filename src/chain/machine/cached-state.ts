import type { StateTree } from '../tree/state-tree.ts';
import { ValueMemo, type StateChange, type StateHolder } from './state.ts';

/**
 * M-53: values that a step reads and that are not in memory. Nothing of the step stays: its driver loads
 * them and takes the step again, which being deterministic comes to the same. Never a result.
 */
export class StateMiss extends Error {
  override readonly name = 'StateMiss';
  readonly keys: readonly string[];

  constructor(keys: readonly string[]) {
    super(`not in memory: ${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ', …' : ''}`);
    this.keys = keys;
  }
}

/** A value of the store that is not the one that the state root commits to. */
export class StateForged extends Error {
  override readonly name = 'StateForged';
  readonly key: string;

  constructor(key: string) {
    super(`not what the state root commits to: ${key}`);
    this.key = key;
  }
}

/** Runs steps that do not need each other, and throws one StateMiss for all that lack something. */
export class MissCollector {
  readonly #keys = new Set<string>();

  /**
   * After a first miss the pass is thrown away and run again on a state without the gap: what else
   * fails in it, on a state that lacks a step, says nothing and is judged in the repeat.
   * @returns null where the step lacks a value
   */
  try<Value>(step: () => Value): Value | null {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof StateMiss)) {
        if (this.#keys.size > 0) return null;
        throw error;
      }
      for (const key of error.keys) this.#keys.add(key);
      return null;
    }
  }

  throwIfAny(): void {
    if (this.#keys.size > 0) throw new StateMiss([...this.#keys]);
  }
}

/** Values in use that a node keeps in memory; all others are in the database. */
export const stateCacheBytesUsual = 128 * 2 ** 20;

/**
 * Beside the value: the map's entry, the text and the typed array of one, as measured; and of a value
 * that a block wrote the head of the leaf whose end it is.
 */
const bytesPerEntry = 400;

/**
 * The part of the state that was used last, of at most `bytesMax` once a block is committed. Reading
 * what is not in it throws StateMiss, unless the state tree says that there is nothing to be read.
 *
 * Values are in two generations: what is read in the old one comes into the young one, and where
 * that has its half of the room the old one goes. Moving a value at each read, to keep all in order of use, took
 * more than half of the machine's time on a full cache.
 */
export class CachedState implements StateHolder {
  readonly memo = new ValueMemo();
  readonly #bytesMax: number;
  #young = new Generation();
  #old = new Generation();
  /** Keys of each block that is not in the store yet, oldest first: they must stay. */
  readonly #unwritten: ReadonlySet<string>[] = [];
  #tree: Pick<StateTree, 'has' | 'holds'> | null = null;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Gives it the committed tree, which knows without a query that a key is new, and what is forged. */
  bind(tree: Pick<StateTree, 'has' | 'holds'>): void {
    this.#tree = tree;
  }

  get bytes(): number {
    return this.#young.bytes + this.#old.bytes;
  }

  get(key: string): Uint8Array | undefined {
    const young = this.#young.values.get(key);
    if (young !== undefined) return young ?? undefined;
    const old = this.#old.values.get(key);
    if (old === undefined) {
      if (this.#tree?.has(key) !== false) throw new StateMiss([key]);
      // Not kept: anybody may ask for any number of such keys, and the tree can be asked again.
      return undefined;
    }
    this.#old.drop(key);
    this.#young.put(key, old);
    return old ?? undefined;
  }

  /** As `get`, but uses nothing by it: the value stays as old as it was. Undefined where it is not here. */
  peek(key: string): Uint8Array | null | undefined {
    const value = this.#young.values.get(key);
    if (value !== undefined) return value;
    const old = this.#old.values.get(key);
    return old === undefined && this.#tree?.has(key) === false ? null : old;
  }

  /** Whether the state root commits to just this value at the key, or to none where it is null. */
  holds(key: string, value: Uint8Array | null): boolean {
    return this.#tree?.holds(key, value) !== false;
  }

  /** What the store holds as of the committed height. What is here already is no older. */
  load(rows: readonly StateChange[]): void {
    for (const { key, value } of rows) {
      if (this.#young.values.has(key) || this.#old.values.has(key)) continue;
      if (!this.holds(key, value)) throw new StateForged(key);
      this.#young.put(key, value);
    }
  }

  /** Blocks that `written` has not been called for. */
  get unwritten(): number {
    return this.#unwritten.length;
  }

  /** @param isWritten whether the store has the changes; else they stay until `written`. */
  apply(changes: readonly StateChange[], isWritten = true): void {
    for (const { key, value } of changes) {
      this.#old.drop(key);
      this.#young.drop(key);
      this.#young.put(key, value);
    }
    if (isWritten) this.trim();
    else this.#unwritten.push(new Set(changes.map(({ key }) => key)));
  }

  /** The store has the oldest of the blocks that it did not have. */
  written(): void {
    this.#unwritten.shift();
    this.trim();
  }

  /** Where the young generation has its half, it is the old one, and that one goes. */
  trim(): void {
    for (let turn = 0; turn < 2 && this.#isFull(); turn += 1) {
      const gone = this.#old;
      this.#old = this.#young;
      this.#young = new Generation();
      for (const keys of this.#unwritten) {
        for (const key of keys) {
          const value = gone.values.get(key);
          if (value === undefined || this.#young.values.has(key)) continue;
          this.#young.put(key, value);
        }
      }
    }
  }

  #isFull(): boolean {
    return 2 * this.#young.bytes > this.#bytesMax || this.bytes > this.#bytesMax;
  }
}

class Generation {
  readonly values = new Map<string, Uint8Array | null>();
  bytes = 0;

  /** @param key not among the values. */
  put(key: string, value: Uint8Array | null): void {
    this.values.set(key, value);
    this.bytes += bytesPerEntry + (value?.length ?? 0);
  }

  drop(key: string): void {
    const value = this.values.get(key);
    if (value === undefined) return;
    this.values.delete(key);
    this.bytes -= bytesPerEntry + (value?.length ?? 0);
  }
}
