import { assert } from '../../base/assert.ts';
import { fromHex, type Hex } from '../../base/bytes.ts';
import type { Sha256 } from '../../base/hash.ts';
import {
  decodeLinked,
  valueDigest,
  type Link,
  type LinkedRecord,
} from '../../base/linked-record.ts';
import { sinceMachineVersion } from '../../base/machine-version.ts';
import type { Outcome } from '../../base/result.ts';
import type { Actor, Context, DeadlineWatch, Ledger, RecordKind } from '../../base/room.ts';
import type { RulePack } from '../../base/rules.ts';
import type { Static, TObject } from '../../base/schema.ts';
import { isSoundPublicKey, verifyEd25519 } from '../tx/signature.ts';
import { removeDeadline, scheduleDeadline } from './deadlines.ts';
import { frozen } from './frozen.ts';
import { encodeEvent } from './leaf.ts';
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
  readonly machineVersion: number;
  readonly development: boolean;
  readonly verifyProof: ProofVerifier;
  /** null by versions that had none. */
  readonly watch: DeadlineWatch | null;
  readonly sha256: Sha256;
}

/** Which step of the block writes: an operation of an envelope, or a deadline. */
export interface Cause {
  readonly envelopeId: Hex | null;
  readonly operation: number | null;
}

export const recordKey = (kind: RecordKind, id: string): string => `${kind.name}/${id}`;

/** A record as of `state`, or null. It is shared with later readers, and frozen. */
export function readRecord<Schema extends TObject>(
  state: StateReader,
  kind: RecordKind<Schema>,
  id: string,
): Static<Schema> | null {
  const key = recordKey(kind, id);
  const bytes = state.get(key);
  return bytes === undefined ? null : decoded(state, kind, key, bytes).value;
}

function decoded<Schema extends TObject>(
  state: StateReader,
  kind: RecordKind<Schema>,
  key: string,
  bytes: Uint8Array,
): LinkedRecord<Static<Schema>> {
  const known = state.memo?.find(key, bytes);
  if (known !== undefined) return known as LinkedRecord<Static<Schema>>;
  const record = decodeLinked(kind.schema, bytes);
  state.memo?.keep(key, bytes, record);
  return record;
}

/** M-134: the place of what is written now among all events of the record. */
function linkOf(
  { machineVersion, sha256 }: BlockScope,
  state: StateReader,
  kind: RecordKind,
  key: string,
): Link | null {
  if (machineVersion < sinceMachineVersion.linkedEvents) return null;
  const before = state.get(key);
  if (before === undefined) return { number: 1, previous: null };
  const { link } = decoded(state, kind, key, before);
  return { number: (link?.number ?? 0) + 1, previous: valueDigest(before, sha256) };
}

/** The ledger that a transition sees: state behind an overlay, leaves of events collected. */
class OverlaidLedger implements Ledger {
  readonly chainId: string;
  readonly height: number;
  readonly timeMs: number;
  readonly rules: RulePack;
  readonly machineVersion: number;
  readonly development: boolean;
  readonly #scope: BlockScope;
  readonly #state: Overlay;
  readonly #cause: Cause;
  readonly #leaves: Uint8Array[];

  constructor(scope: BlockScope, state: Overlay, cause: Cause, leaves: Uint8Array[]) {
    this.chainId = scope.chainId;
    this.height = scope.height;
    this.timeMs = scope.timeMs;
    this.rules = scope.rules;
    this.machineVersion = scope.machineVersion;
    this.development = scope.development;
    this.#scope = scope;
    this.#state = state;
    this.#cause = cause;
    this.#leaves = leaves;
  }

  read<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Static<Schema> | null {
    return readRecord(this.#state, kind, id);
  }

  write<Schema extends TObject>(
    kind: RecordKind<Schema>,
    value: Static<Schema>,
    event: string,
  ): void {
    const { id } = value as { id?: unknown };
    assert(typeof id === 'string', `a ${kind.name} has an id`);
    const head = {
      height: this.height,
      timeMs: this.timeMs,
      envelopeId: this.#cause.envelopeId,
      operation: this.#cause.operation,
      stream: kind.stream,
      name: event,
      kind: kind.name,
      id,
    };
    const key = recordKey(kind, id);
    const link = linkOf(this.#scope, this.#state, kind, key);
    const { leaf, record } = encodeEvent(head, kind.schema, { value, link });
    this.#state.set(key, record);
    this.#state.memo?.keep(key, record, { value: frozen(value), link });
    this.#leaves.push(leaf);
  }

  schedule(name: string, id: string, atMs: number): void {
    scheduleDeadline(this.#state, name, id, atMs);
    this.#scope.watch?.putUp(this, name, id, atMs);
  }

  unschedule(name: string, id: string): void {
    removeDeadline(this.#state, name, id);
    this.#scope.watch?.putAway(this, name, id);
  }

  verifyProof(circuitId: string, publics: readonly bigint[], proof: Uint8Array): Outcome {
    return this.#scope.verifyProof(circuitId, publics, proof);
  }

  verifySignature(publicKey: Hex, message: Uint8Array, signature: Hex): boolean {
    return verifyEd25519(fromHex(publicKey), message, fromHex(signature));
  }

  isSoundPublicKey(publicKey: Hex): boolean {
    return isSoundPublicKey(fromHex(publicKey));
  }
}

class ActorLedger extends OverlaidLedger implements Context {
  readonly actor: Actor;

  constructor(scope: BlockScope, state: Overlay, cause: Cause, leaves: Uint8Array[], actor: Actor) {
    super(scope, state, cause, leaves);
    this.actor = actor;
  }
}

export const openLedger = (
  scope: BlockScope,
  state: Overlay,
  cause: Cause,
  leaves: Uint8Array[],
): Ledger => new OverlaidLedger(scope, state, cause, leaves);

export const openContext = (
  scope: BlockScope,
  state: Overlay,
  cause: Cause,
  leaves: Uint8Array[],
  actor: Actor,
): Context => new ActorLedger(scope, state, cause, leaves, actor);
