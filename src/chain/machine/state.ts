/** Key-value state with overlays: an envelope that fails drops its overlay and nothing is left. */
import { compareText } from '../../base/bytes.ts';
import type { StateTree } from '../tree/state-tree.ts';

export interface StateReader {
  get(key: string): Uint8Array | undefined;
  /** What values were read as, where the state is read again and again. */
  readonly memo?: ValueMemo;
}

const memoMaxUsual = 32_768;
const memoBytesMaxUsual = 32 * 2 ** 20;

type MemoMap = Map<string, { readonly bytes: Uint8Array; readonly value: unknown }>;

/**
 * What values of the state decode to, by key and by the very bytes: never older or newer than
 * they. The last 32,768, or of 32 MiB, that were used are kept unless told, and up to as many more.
 */
export class ValueMemo {
  readonly #max: number;
  readonly #bytesMax: number;
  #young: MemoMap = new Map();
  #old: MemoMap = new Map();
  /** Of the values in the young map, as they are encoded. */
  #youngBytes = 0;

  constructor(max = memoMaxUsual, bytesMax = memoBytesMaxUsual) {
    this.#max = max;
    this.#bytesMax = bytesMax;
  }

  find(key: string, bytes: Uint8Array): unknown {
    const young = this.#young.get(key);
    if (young) return young.bytes === bytes ? young.value : undefined;
    const old = this.#old.get(key);
    if (old?.bytes !== bytes) return undefined;
    this.keep(key, bytes, old.value);
    return old.value;
  }

  /** @param value is not changed afterwards. */
  keep(key: string, bytes: Uint8Array, value: unknown): void {
    if (this.#young.size >= this.#max || this.#youngBytes >= this.#bytesMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#youngBytes += bytes.length - (this.#young.get(key)?.bytes.length ?? 0);
    this.#young.set(key, { bytes, value });
  }
}

export interface StateChange {
  readonly key: string;
  /** null deletes. */
  readonly value: Uint8Array | null;
}

/** Writes on top of a reader; reads fall through to it. */
export class Overlay implements StateReader {
  readonly #below: StateReader;
  readonly #writes = new Map<string, Uint8Array | null>();
  readonly memo?: ValueMemo;

  constructor(below: StateReader) {
    this.#below = below;
    if (below.memo) this.memo = below.memo;
  }

  get(key: string): Uint8Array | undefined {
    const written = this.#writes.get(key);
    if (written !== undefined) return written ?? undefined;
    return this.#below.get(key);
  }

  /** Whether this overlay, and not what is below it, has deleted the key. */
  hasDeleted(key: string): boolean {
    return this.#writes.get(key) === null;
  }

  set(key: string, value: Uint8Array): void {
    this.#writes.set(key, value);
  }

  delete(key: string): void {
    this.#writes.set(key, null);
  }

  /** Copies this overlay's writes onto another. */
  applyTo(target: Overlay): void {
    for (const [key, value] of this.#writes) {
      if (value === null) target.delete(key);
      else target.set(key, value);
    }
  }

  /** The writes in byte order of their keys. */
  changes(): StateChange[] {
    return [...this.#writes]
      .map(([key, value]) => ({ key, value }))
      .sort((left, right) => compareText(left.key, right.key));
  }
}

/** The tree over the state, as the machine uses it. */
export type StateHashes = Pick<
  StateTree,
  'size' | 'has' | 'root' | 'stage' | 'commit' | 'abandon' | 'prove'
>;

/** What is committed, as the machine reads it. */
export interface StateHolder extends StateReader {
  /** Where the holder keeps the hashes too; else the machine does, in memory. */
  readonly tree?: StateHashes;
  apply(changes: readonly StateChange[], isWritten?: boolean): void;
}

/** All of the state in memory: for simulations and tests. */
export class CommittedState implements StateHolder {
  readonly memo = new ValueMemo();
  readonly #values = new Map<string, Uint8Array>();

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  apply(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    }
  }
}
