import { assert } from '../../base/assert.ts';
import { fromHex, type Hex } from '../../base/bytes.ts';
import { decodeCbor, encodeCbor } from '../../base/cbor.ts';
import { fromCbor, toCbor } from '../../base/codec.ts';
import type { Outcome } from '../../base/result.ts';
import type { Actor, Context, Ledger, RecordKind } from '../../base/room.ts';
import type { RulePack } from '../../base/rules.ts';
import type { Static, TObject } from '../../base/schema.ts';
import { isSoundPublicKey, verifyEd25519 } from '../tx/signature.ts';
import { removeDeadline, scheduleDeadline } from './deadlines.ts';
import type { EventLeaf } from './leaf.ts';
import type { Overlay, StateReader } from './state.ts';

export type ProofVerifier = (
  circuitId: string,
  publics: readonly bigint[],
  proof: Uint8Array,
) => Outcome;

/** What is the same for a whole block. */
export interface BlockScope {
  readonly chainId: string;
  readonly height: number;
  readonly timeMs: number;
  readonly rules: RulePack;
  readonly development: boolean;
  readonly verifyProof: ProofVerifier;
}

/** Which step of the block writes: an operation of an envelope, or a deadline. */
export interface Cause {
  readonly envelopeId: Hex | null;
  readonly operation: number | null;
}

export const recordKey = (kind: RecordKind, id: string): string => `${kind.name}/${id}`;

/** A record as of `state`, or null. */
export function readRecord<Schema extends TObject>(
  state: StateReader,
  kind: RecordKind<Schema>,
  id: string,
): Static<Schema> | null {
  const bytes = state.get(recordKey(kind, id));
  return bytes === undefined ? null : fromCbor(kind.schema, decodeCbor(bytes));
}

/** The ledger that a transition sees: state behind an overlay, events collected. */
export function openLedger(
  scope: BlockScope,
  state: Overlay,
  cause: Cause,
  events: EventLeaf[],
): Ledger {
  return {
    ...scope,
    read: (kind, id) => readRecord(state, kind, id),
    write(kind, value, event) {
      const { id } = value as { id?: unknown };
      assert(typeof id === 'string', `a ${kind.name} has an id`);
      const record = toCbor(kind.schema, value);
      state.set(recordKey(kind, id), encodeCbor(record));
      events.push({
        type: 'event',
        height: scope.height,
        timeMs: scope.timeMs,
        ...cause,
        stream: kind.stream,
        name: event,
        kind: kind.name,
        id,
        record,
      });
    },
    schedule: (name, id, atMs) => scheduleDeadline(state, name, id, atMs),
    unschedule: (name, id) => removeDeadline(state, name, id),
    verifySignature: (publicKey, message, signature) =>
      verifyEd25519(fromHex(publicKey), message, fromHex(signature)),
    isSoundPublicKey: (publicKey) => isSoundPublicKey(fromHex(publicKey)),
  };
}

export const openContext = (ledger: Ledger, actor: Actor): Context => ({ ...ledger, actor });
