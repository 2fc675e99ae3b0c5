import type { Hex } from '../../base/bytes.ts';
import type { Outcome } from '../../base/result.ts';
import type { Proposal } from '../machine/proposal.ts';
import type { Receipt } from './engine.ts';

/** An envelope that has not been answered. */
export class Pending {
  readonly id: Hex;
  readonly keyId: Hex;
  readonly bytes: Uint8Array;
  readonly promise: Promise<Outcome<Receipt>>;
  settle!: (outcome: Outcome<Receipt>) => void;
  fail!: (error: Error) => void;

  constructor(id: Hex, keyId: Hex, bytes: Uint8Array) {
    this.id = id;
    this.keyId = keyId;
    this.bytes = bytes;
    this.promise = new Promise((resolve, reject) => {
      this.settle = resolve;
      this.fail = reject;
    });
  }
}

/** All that have not been answered; of these, those that stand in no block yet are queued. */
export class PendingEnvelopes {
  readonly #all = new Map<Hex, Pending>();
  /** In order of arrival. */
  readonly #queue = new Set<Pending>();
  readonly #ofKey = new Map<Hex, number>();

  get size(): number {
    return this.#all.size;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** How many of a key there are. */
  countOf(keyId: Hex): number {
    return this.#ofKey.get(keyId) ?? 0;
  }

  find(id: Hex): Pending | undefined {
    return this.#all.get(id);
  }

  /** Into the queue. */
  add(entry: Pending): void {
    this.#all.set(entry.id, entry);
    this.#queue.add(entry);
    this.#ofKey.set(entry.keyId, this.countOf(entry.keyId) + 1);
  }

  /** The queue as a machine takes candidates. */
  candidates(): { readonly envelopes: Uint8Array[]; readonly ids: Hex[] } {
    const envelopes: Uint8Array[] = [];
    const ids: Hex[] = [];
    for (const { id, bytes } of this.#queue) {
      envelopes.push(bytes);
      ids.push(id);
    }
    return { envelopes, ids };
  }

  /** It stands in a block, or no block takes it: out of the queue, and not answered yet. */
  place(id: Hex): void {
    const entry = this.#all.get(id);
    if (entry) this.#queue.delete(entry);
  }

  /** Answers one that is there. */
  settle(id: Hex, outcome: Outcome<Receipt>): void {
    const entry = this.#all.get(id);
    if (!entry) return;
    this.#forget(entry);
    entry.settle(outcome);
  }

  /** Those that the blocks on disk keep out: told before, a crash could undo why. */
  refuse(refused: Proposal['refused']): void {
    for (const { id, refusal } of refused) this.settle(id, refusal);
  }

  failAll(error: Error): void {
    for (const entry of [...this.#all.values()]) {
      this.#forget(entry);
      entry.fail(error);
    }
  }

  #forget(entry: Pending): void {
    this.#all.delete(entry.id);
    this.#queue.delete(entry);
    const left = this.countOf(entry.keyId) - 1;
    if (left === 0) this.#ofKey.delete(entry.keyId);
    else this.#ofKey.set(entry.keyId, left);
  }
}
