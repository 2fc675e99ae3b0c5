import { encodeCbor, decodeCbor } from '../../base/cbor.ts';
import { assert } from '../../base/assert.ts';
import type { Hex } from '../../base/bytes.ts';
import { refuse, success, type Outcome } from '../../base/result.ts';
import { txResults } from '../tx/results.ts';
import type { Overlay, StateReader } from './state.ts';

/**
 * M-25: replay protection by a sliding window per key, as of RFC 4303 appendix A2: the highest number
 * used, and one bit for each of the `window` numbers up to it. Numbers begin at 1.
 */
interface SequenceState {
  readonly highest: number;
  /** Bit i: `highest - i` has been used. */
  readonly used: bigint;
}

const stateKey = (keyId: Hex): string => `~sequence/${keyId}`;

function readSequence(state: StateReader, keyId: Hex): SequenceState {
  const key = stateKey(keyId);
  const bytes = state.get(key);
  if (!bytes) return { highest: 0, used: 1n };
  const known = state.memo?.find(key, bytes);
  if (known !== undefined) return known as SequenceState;
  const sequence = decodeSequence(bytes);
  state.memo?.keep(key, bytes, sequence);
  return sequence;
}

function decodeSequence(bytes: Uint8Array): SequenceState {
  const value = decodeCbor(bytes);
  assert(Array.isArray(value) && value.length === 2, 'a sequence is [highest, used]');
  const [highest, used] = value as unknown as [bigint, string];
  return { highest: Number(highest), used: BigInt(`0x${used}`) };
}

/** The number a key that signs one envelope after another uses next. */
export const nextSequence = (state: StateReader, keyId: Hex): number =>
  readSequence(state, keyId).highest + 1;

/**
 * What envelopes use of their keys' numbers, one after another, on top of a state. Each number of a
 * block changes its key's value, of which the state gets the last alone.
 */
export class Sequences {
  readonly #state: StateReader;
  /** Numbers (sequenceWindow of genesis). */
  readonly #window: number;
  readonly #changed = new Map<Hex, SequenceState>();

  constructor(state: StateReader, window: number) {
    this.#state = state;
    this.#window = window;
  }

  check(keyId: Hex, sequence: number): Outcome {
    const { highest, used } = this.#read(keyId);
    const window = this.#window;
    if (sequence > highest + window) {
      return refuse(
        txResults.SEQUENCE_TOO_FAR,
        `Sequence ${sequence}; at most ${highest + window} may be used now: ${window} (sequenceWindow) ahead.`,
      );
    }
    if (sequence > highest) return success;
    if (highest - sequence >= window) {
      return refuse(
        txResults.SEQUENCE_TOO_OLD,
        `Sequence ${sequence}; the next unused one is ${highest + 1}.`,
      );
    }
    if ((used >> BigInt(highest - sequence)) & 1n) {
      return refuse(
        txResults.SEQUENCE_USED,
        `Sequence ${sequence}; the next unused one is ${highest + 1}.`,
      );
    }
    return success;
  }

  /** Marks a checked number as used. */
  use(keyId: Hex, sequence: number): void {
    const before = this.#read(keyId);
    const highest = Math.max(before.highest, sequence);
    const shifted = before.used << BigInt(highest - before.highest);
    const mask = (1n << BigInt(this.#window)) - 1n;
    const used = (shifted | (1n << BigInt(highest - sequence))) & mask;
    this.#changed.set(keyId, { highest, used });
  }

  /** Into the state, as it is hashed and stored. */
  writeTo(state: Overlay): void {
    for (const [keyId, sequence] of this.#changed) {
      const key = stateKey(keyId);
      const bytes = encodeCbor([BigInt(sequence.highest), sequence.used.toString(16)]);
      state.set(key, bytes);
      state.memo?.keep(key, bytes, sequence);
    }
  }

  #read(keyId: Hex): SequenceState {
    return this.#changed.get(keyId) ?? readSequence(this.#state, keyId);
  }
}
