import type { Hex } from '../../base/bytes.ts';
import type { Refusal } from '../../base/result.ts';
import type { Operation } from '../../base/room.ts';
import type { Envelope } from '../tx/envelope.ts';

export interface AdmittedOperation {
  readonly operation: Operation;
  readonly command: Record<string, unknown>;
}

/** What an envelope says, whatever the state is. */
export interface ReadEnvelope {
  readonly envelope: Envelope;
  /** Those before the first that could not be read. */
  readonly operations: readonly AdmittedOperation[];
  /** Why the next one could not be read, or null where all were. */
  readonly fault: Refusal | null;
  /** The operation of that next one; null where there is none, or nobody knows its number. */
  readonly unread: Operation | null;
  /** Proofs that the operations verify. */
  readonly proofs: number;
}

interface Signed {
  readonly read: ReadEnvelope;
  /** The key under which the signature was found good. */
  readonly publicKey: Hex;
}

const entriesMax = 16_384;
const bytesMaxUsual = 8 * 2 ** 20;

/**
 * Envelopes whose signature was found good, by their id, which commits to every byte of them: they
 * are read and verified once, though they are looked at when they come, when a block is proposed
 * and when it is executed. The newest 16,384 or 8 MiB (unless told) are kept, and up to as many before them.
 */
export class ReadEnvelopes {
  readonly #bytesMax: number;
  #young = new Map<Hex, Signed>();
  #old = new Map<Hex, Signed>();
  #youngBytes = 0;

  constructor(bytesMax = bytesMaxUsual) {
    this.#bytesMax = bytesMax;
  }

  find(id: Hex): Signed | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }

  keep(read: ReadEnvelope, publicKey: Hex): void {
    const { id, bytes } = read.envelope;
    if (this.#young.size >= entriesMax || this.#youngBytes + bytes.length > this.#bytesMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(id, { read, publicKey });
    this.#youngBytes += bytes.length;
  }
}
