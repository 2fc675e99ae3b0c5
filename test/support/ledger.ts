/** One domain room after another without envelopes: the machine's own ledger over memory. */
import { expect } from 'chai';
import { assert } from '../../src/base/assert.ts';
import { decodeCbor, encodeCbor } from '../../src/base/cbor.ts';
import { fromCbor, toCbor } from '../../src/base/codec.ts';
import { sha256, sha256Hex } from '../../src/base/hash.ts';
import { sinceMachineVersion } from '../../src/base/machine-version.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { refuse, success, type Outcome, type ResultCode } from '../../src/base/result.ts';
import type { Actor, DeadlineWatch, Operation, RecordKind, Room } from '../../src/base/room.ts';
import type { Role } from '../../src/base/roles.ts';
import type { RulePack } from '../../src/base/rules.ts';
import type { Static, TObject } from '../../src/base/schema.ts';
import { DueQueue, isPending, removeDeadline } from '../../src/chain/machine/deadlines.ts';
import { decodeLeaf } from '../../src/chain/machine/leaf.ts';
import {
  openContext,
  openLedger,
  recordKey,
  type ProofVerifier,
} from '../../src/chain/machine/ledger.ts';
import { CommittedState, Overlay } from '../../src/chain/machine/state.ts';
import { txResults } from '../../src/chain/tx/results.ts';
import type { Organisation } from '../../src/identity/schema.ts';
import { organisationRecord } from '../../src/identity/state.ts';
import { testRules } from './rules.ts';
import { creditCodeOf } from './credit-code.ts';

export interface MemoryLedgerOptions {
  /** Whose deadlines `advanceTo` fires. */
  readonly rooms?: readonly Room[];
  readonly chainId?: string;
  readonly timeMs?: number;
  readonly rules?: RulePack;
  readonly development?: boolean;
  /** Every proof passes unless told otherwise. */
  readonly verifyProof?: ProofVerifier;
  /** Of deadlines of working days, by versions that have it; none unless given. */
  readonly watch?: DeadlineWatch | null;
}

/** 2026-03-02 (a Monday) 10:00 in China. */
export const testTimeMs = 1_772_416_800_000;

const noCause = { envelopeId: null, operation: null } as const;

export class MemoryLedger {
  readonly #state = new CommittedState();
  readonly #options: Required<MemoryLedgerOptions>;
  readonly leaves: Uint8Array[] = [];
  height = 1;
  /** By which version of the rules operations are applied. */
  machineVersion = 1;
  /** That are in force. */
  rules: RulePack;
  timeMs: number;

  constructor(options: MemoryLedgerOptions = {}) {
    this.#options = {
      rooms: [],
      chainId: 'dxl-test',
      timeMs: testTimeMs,
      rules: testRules,
      development: true,
      verifyProof: () => success,
      watch: null,
      ...options,
    };
    this.timeMs = this.#options.timeMs;
    this.rules = this.#options.rules;
  }

  /**
   * One envelope of one operation in a block of its own: the command travels through its bytes,
   * roles are checked as the machine checks them, and a refusal leaves nothing behind.
   */
  apply<Schema extends TObject>(
    operation: Operation<Schema>,
    actor: Actor,
    command: Static<Schema>,
  ): Outcome {
    const sent = encodeCbor(toCbor(operation.command, command));
    const held = operation.roles.some((role) => actor.roles.includes(role));
    if (operation.roles.length > 0 && !held) return refuse(txResults.ROLE_MISSING, operation.name);
    return this.#run((overlay, leaves) =>
      operation.apply(
        openContext(this.#scope(), overlay, noCause, leaves, actor),
        fromCbor(operation.command, decodeCbor(sent)),
      ),
    );
  }

  /** As `apply`, and fails the test with the refusal's own words. */
  accept<Schema extends TObject>(
    operation: Operation<Schema>,
    actor: Actor,
    command: Static<Schema>,
  ): void {
    const outcome = this.apply(operation, actor, command);
    expect(outcome.ok, outcome.ok ? '' : `${outcome.result.name}: ${outcome.detail}`).to.equal(
      true,
    );
  }

  /** As `apply`, expects this code, and that state and events stayed as they were. */
  refuse<Schema extends TObject>(
    result: ResultCode,
    operation: Operation<Schema>,
    actor: Actor,
    command: Static<Schema>,
  ): string {
    const before = this.fingerprint();
    const outcome = this.apply(operation, actor, command);
    assert(!outcome.ok, `${operation.name} should be refused with ${result.name}`);
    expect(outcome.result.name, outcome.detail).to.equal(result.name);
    expect(this.fingerprint(), 'a refusal changes nothing').to.equal(before);
    return outcome.detail;
  }

  /** Runs block after block at `timeMs` until no deadline is due. */
  advanceTo(timeMs: number): void {
    assert(timeMs >= this.timeMs, 'time does not run backwards');
    this.timeMs = timeMs;
    const deadlines = new Map(
      this.#options.rooms.flatMap((room) => room.deadlines.map((item) => [item.name, item])),
    );
    for (;;) {
      const due = new DueQueue(this.#state.keys()).due(timeMs, 1000);
      if (due.length === 0) return;
      const block = new Overlay(this.#state);
      for (const item of due) {
        if (!isPending(block, item)) continue;
        removeDeadline(block, item.name, item.id);
        const deadline = deadlines.get(item.name);
        assert(deadline, `deadline ${item.name} belongs to a room of this ledger`);
        const ledger = openLedger(this.#scope(), block, noCause, this.leaves);
        const { watch } = this.#scope();
        if (watch?.takesEffect(ledger, item.name, item.id) === false) continue;
        deadline.apply(ledger, item.id);
      }
      this.#state.apply(block.changes());
      this.height += 1;
    }
  }

  /** The time of the earliest deadline, or null. */
  get nextDeadlineMs(): number | null {
    return new DueQueue(this.#state.keys()).nextMs;
  }

  read<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Static<Schema> | null {
    return openLedger(this.#scope(), new Overlay(this.#state), noCause, []).read(kind, id);
  }

  /** The record, which the test knows to be there. */
  get<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Static<Schema> {
    const found = this.read(kind, id);
    assert(found, `${kind.name} ${id} is there`);
    return found;
  }

  /** Puts a record of another room where a test needs it, past that room's rules. */
  put<Schema extends TObject>(kind: RecordKind<Schema>, value: Static<Schema>): void {
    this.#run((overlay, leaves) => {
      openLedger(this.#scope(), overlay, noCause, leaves).write(kind, value, 'test.put');
      return success;
    });
  }

  /** All records of a kind, in order of keys. */
  all<Schema extends TObject>(kind: RecordKind<Schema>): Static<Schema>[] {
    const prefix = recordKey(kind, '');
    return [...this.#state.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort()
      .map((key) => this.get(kind, key.slice(prefix.length)));
  }

  /** An organisation in good standing, and who signs for it. */
  admit(id: string, roles: readonly Role[], facts: Partial<Organisation> = {}): Actor {
    const keyId = sha256Hex(utf8(id));
    this.put(organisationRecord, {
      id,
      state: 'ACTIVE',
      name: id,
      creditCode: creditCodeOf(id),
      jurisdiction: 'CN',
      beneficialOwner: null,
      encryptionKey: keyId,
      roles: [...roles],
      admittedAtMs: this.timeMs,
      changedAtMs: this.timeMs,
      ...facts,
    });
    return { organisationId: id, keyId, roles };
  }

  /** Names of the events so far, oldest first, without those of `put`. */
  get eventNames(): string[] {
    return this.leaves
      .map((bytes) => decodeLeaf(bytes))
      .flatMap((leaf) => (leaf.type === 'event' && leaf.name !== 'test.put' ? [leaf.name] : []));
  }

  /** A digest of all state and the number of events. */
  fingerprint(): string {
    const rows = [...this.#state.keys()]
      .sort()
      .map((key) => [key, this.#state.get(key) ?? null] as const);
    return sha256Hex(encodeCbor([BigInt(this.leaves.length), rows]));
  }

  #run(step: (overlay: Overlay, leaves: Uint8Array[]) => Outcome): Outcome {
    const overlay = new Overlay(this.#state);
    const leaves: Uint8Array[] = [];
    const outcome = step(overlay, leaves);
    if (outcome.ok) {
      this.#state.apply(overlay.changes());
      this.leaves.push(...leaves);
      this.height += 1;
    }
    return outcome;
  }

  #scope() {
    const { chainId, development, verifyProof, watch } = this.#options;
    const { machineVersion, height, timeMs, rules } = this;
    const facts = { chainId, rules, machineVersion, development, verifyProof, height, timeMs };
    const watched = machineVersion >= sinceMachineVersion.provisionalDeadlines;
    return { ...facts, sha256, watch: watched ? watch : null };
  }
}

export const memoryLedger = (options: MemoryLedgerOptions = {}): MemoryLedger =>
  new MemoryLedger(options);
