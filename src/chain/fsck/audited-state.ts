import { assert } from '../../base/assert.ts';
import type { Genesis } from '../machine/genesis.ts';
import { Machine } from '../machine/machine.ts';
import type { MachineParts } from '../machine/parts.ts';
import {
  ValueMemo,
  type StateChange,
  type StateHashes,
  type StateHolder,
} from '../machine/state.ts';
import type { Digest } from './digest.ts';
import { RecentValues } from './recent-values.ts';
import type { Scratch, ScratchFile } from './scratch.ts';
import { leafOf, pathOf, StateRoot, type StateEntry } from './state-root.ts';

/** Decoded records are several times as large as their bytes. */
const decodedMax = 1_000;

/**
 * M-122: the state of a machine that executes blocks for an audit. Values are in a scratch file but for
 * those used last, and its tree is the audit's own: a block whose state root the writer's code got
 * wrong does not lead where its header says.
 */
export class AuditedState implements StateHolder, StateHashes {
  readonly memo = new ValueMemo(decodedMax);
  readonly #values: ScratchFile;
  readonly #recent = new RecentValues();
  readonly #entries: StateRoot;
  #root: Digest;
  /** What stood at the paths of the staged changes, in their order. */
  #before: { readonly path: Digest; readonly entry: StateEntry | null }[] = [];

  constructor(scratch: Scratch) {
    this.#values = scratch.file();
    this.#entries = new StateRoot(scratch);
    this.#root = this.#entries.root();
  }

  get tree(): StateHashes {
    return this;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.get(pathOf(key)) !== null;
  }

  get(key: string): Uint8Array | undefined {
    const known = this.#recent.get(key);
    if (known) return known;
    const entry = this.#entries.get(pathOf(key));
    if (!entry) return undefined;
    const value = new Uint8Array(this.#values.read(entry.at, entry.length));
    this.#recent.put(key, value);
    return value;
  }

  /** The tree, which is staged and committed beside it, has put them where they are found. */
  apply(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value) this.#recent.put(key, value);
      else this.#recent.drop(key);
    }
  }

  /** Nothing is read between it and `commit` or `abandon`: the entries are those of the next state. */
  stage(changes: readonly StateChange[]): Uint8Array {
    assert(this.#before.length === 0, 'staged changes are committed or abandoned first');
    for (const { key, value } of changes) {
      const path = pathOf(key);
      const place = value && { at: this.#values.append(value), length: value.length };
      const entry = value && place && { leaf: leafOf(path, value), ...place };
      this.#before.push({ path, entry: this.#entries.set(path, entry) });
    }
    return bytesOf(this.#entries.root());
  }

  commit(): void {
    this.#before = [];
    this.#root = this.#entries.root();
  }

  abandon(): void {
    for (const { path, entry } of this.#before.reverse()) this.#entries.set(path, entry);
    this.#before = [];
  }

  /** Of what is committed. */
  root(): Uint8Array {
    return bytesOf(this.#root);
  }

  prove(): never {
    assert(false, 'an audit proves no key');
  }
}

/** Executes the blocks of a ledger that is being audited, each once. */
export const auditedMachine = (genesis: Genesis, parts: MachineParts, scratch: Scratch): Machine =>
  new Machine(genesis, { ...parts, envelopeBytesKept: 0 }, new AuditedState(scratch));

const bytesOf = (digest: Digest): Uint8Array => new Uint8Array(Buffer.from(digest, 'latin1'));
