/**
 * What a room of the domain offers to the machine, and what the machine lends to its transitions.
 * Rooms are pure and synchronous: height, time, state and proof checks reach them only from here.
 */
import type { Hex } from './bytes.ts';
import type { Outcome, ResultCode } from './result.ts';
import type { Role } from './roles.ts';
import type { RulePack } from './rules.ts';
import type { Static, TObject } from './schema.ts';

/** The five event streams: 目录链, 身份链, 材料链, 签署链, 监管链. */
export const streams = ['catalogue', 'identity', 'material', 'signing', 'supervision'] as const;
export type Stream = (typeof streams)[number];

/** One kind of record: its schema is its state encoding, its event body and its API view. */
export interface RecordKind<Schema extends TObject = TObject> {
  /** Singular, kebab-case: `registration`. Also the state key prefix. */
  readonly name: string;
  /** Plural, the path segment under /v1: `registrations`. */
  readonly collection: string;
  readonly title: string;
  /** Its first field is `id: identifier()` (or a digest); `state`, where there is one, is listed. */
  readonly schema: Schema;
  readonly stream: Stream;
  /** Words that the catalogue search finds the record by; empty where it is not searched. */
  searchText(record: Static<Schema>): string;
}

export const defineRecord = <Schema extends TObject>(
  kind: Omit<RecordKind<Schema>, 'searchText'> & Partial<Pick<RecordKind<Schema>, 'searchText'>>,
): RecordKind<Schema> => ({ searchText: () => '', ...kind });

/** Who signed the envelope. */
export interface Actor {
  readonly organisationId: string;
  readonly keyId: Hex;
  readonly roles: readonly Role[];
}

/** What every transition may see and do. All reads see the writes made before in the block. */
export interface Ledger {
  readonly chainId: string;
  readonly height: number;
  readonly timeMs: number;
  readonly rules: RulePack;
  /** By which version of the machine's rules this block is executed (M-131). */
  readonly machineVersion: number;
  /** Development chains accept development circuit keys; production chains refuse them. */
  readonly development: boolean;
  read<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Static<Schema> | null;
  /** Writes the record and emits `event` (past tense, `rights.registered`) with its new content. */
  write<Schema extends TObject>(
    kind: RecordKind<Schema>,
    value: Static<Schema>,
    event: string,
  ): void;
  /** Calls the deadline handler `name` for `id` in the first block whose time is >= `atMs`.
   * One deadline per (name, id): scheduling again moves it. */
  schedule(name: string, id: string, atMs: number): void;
  unschedule(name: string, id: string): void;
  /** Groth16 against the verification key that genesis pins for `circuitId`. */
  verifyProof(circuitId: string, publics: readonly bigint[], proof: Uint8Array): Outcome;
  /** Ed25519, strict: the same library on every node. */
  verifySignature(publicKey: Hex, message: Uint8Array, signature: Hex): boolean;
  /** False for small-order, non-canonical and mixed-order Ed25519 points. */
  isSoundPublicKey(publicKey: Hex): boolean;
}

export interface Context extends Ledger {
  readonly actor: Actor;
}

/** What one program can do, and another node's may not. */
export interface Program {
  /** The highest version of the machine's rules that it knows. */
  readonly machineVersionMax: number;
}

export interface Operation<Schema extends TObject = TObject> {
  /** Append-only number, in the envelope: room base (as of its result codes) / 10 + position. */
  readonly number: number;
  /** `room.verb`. */
  readonly name: string;
  readonly title: string;
  readonly command: Schema;
  /** The signing key holds at least one of these; empty: any key in good standing. */
  readonly roles: readonly Role[];
  /** M-135: up to a lower version of the machine's rules there is no such operation; 1 unless it says. */
  readonly since?: number;
  /** Proofs that it verifies, each some hundred times as dear as the rest; none unless it says. */
  readonly proofs?: number;
  /**
   * M-133: refuses what this program could not follow. Asked where an envelope is taken in, proposed or voted
   * for, never where a block is executed: there nodes of all programs must come to the same bytes.
   */
  foresee?(command: Static<Schema>, program: Program): Outcome;
  apply(context: Context, command: Static<Schema>): Outcome;
}

export const defineOperation = <Schema extends TObject>(
  operation: Operation<Schema>,
): Operation<Schema> => operation;

/** What the ledger does by itself when a time has come. It cannot be refused. */
export interface Deadline {
  /** `room.event`. */
  readonly name: string;
  apply(ledger: Ledger, id: string): void;
  /** Of one that runs for a period of the rule pack, which may be of working days. */
  readonly period?: keyof RulePack['periods'];
  /** Where its time stands in a record too: it writes the later one there. */
  putOff?(ledger: Ledger, id: string, dueAtMs: number): void;
}

/**
 * Told of deadlines as they are put up and away, and asked before one takes effect. What it keeps are
 * records of its own.
 */
export interface DeadlineWatch {
  putUp(ledger: Ledger, name: string, id: string, atMs: number): void;
  putAway(ledger: Ledger, name: string, id: string): void;
  /** Whether it takes effect now; where not, it has been put up again for later. */
  takesEffect(ledger: Ledger, name: string, id: string): boolean;
}

export interface Room {
  readonly name: string;
  readonly records: readonly RecordKind[];
  readonly operations: readonly Operation[];
  readonly deadlines: readonly Deadline[];
  readonly results: Readonly<Record<string, ResultCode>>;
}
