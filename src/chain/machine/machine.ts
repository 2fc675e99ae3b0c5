/**
 * The deterministic state machine, in the shape of ABCI 2.0. It is synchronous, does no I/O and
 * takes height and time from the block: two machines with one genesis and the same blocks are
 * equal in every byte. What is refused by a rule is a result code; what throws is a bug.
 */
import { assert } from '../../base/assert.ts';
import { toHex, type Hex } from '../../base/bytes.ts';
import { success, type Outcome, type Refusal } from '../../base/result.ts';
import type { Ledger, RecordKind } from '../../base/room.ts';
import type { Static, TObject } from '../../base/schema.ts';
import { sha256Hex } from '../../base/hash.ts';
import { leafHash, MerkleLog } from '../../base/merkle.ts';
import { Admission, type AdmittedEnvelope, type KeyDirectory } from './admission.ts';
import { DueQueue, isPending, removeDeadline, type Due } from './deadlines.ts';
import { genesisHash, parametersHash, type Genesis } from './genesis.ts';
import { appHash, nextStateChain } from './header.ts';
import { encodeLeaf, type EventLeaf, type Leaf } from './leaf.ts';
import {
  openContext,
  openLedger,
  readRecord,
  type BlockScope,
  type ProofVerifier,
} from './ledger.ts';
import type { Registry } from './registry.ts';
import { nextSequence, useSequence } from './sequence.ts';
import { CommittedState, Overlay, type StateChange } from './state.ts';

/** What the composition root gives the machine beside genesis. */
export interface MachineParts {
  readonly registry: Registry;
  readonly resolveKey: KeyDirectory;
  /** Writes the organisation and key that genesis names. */
  readonly begin: (ledger: Ledger, genesis: Genesis) => void;
  readonly verifyProof: ProofVerifier;
}

/** Where a machine stands; with the state rows and the log's leaf hashes it is all it needs. */
export interface MachineHead {
  readonly height: number;
  readonly timeMs: number;
  readonly stateChain: Hex;
}

export interface BlockInput {
  readonly height: number;
  /** Not below the previous block's. */
  readonly timeMs: number;
  readonly envelopes: readonly Uint8Array[];
}

export interface EnvelopeResult {
  readonly id: Hex;
  readonly bytes: Uint8Array;
  readonly outcome: Outcome;
  readonly failedOperation: number | null;
  readonly logIndex: number;
}

export interface FinalizedBlock {
  readonly height: number;
  readonly timeMs: number;
  readonly results: readonly EnvelopeResult[];
  readonly leaves: readonly { readonly logIndex: number; readonly bytes: Uint8Array }[];
  readonly changes: readonly StateChange[];
  readonly envelopesRoot: Hex;
  readonly logRoot: Hex;
  readonly logSize: number;
  readonly stateChain: Hex;
  readonly parametersHash: Hex;
  readonly appHash: Hex;
}

/** Proofs verified in one block at most, under a second; envelopes with more wait, others do not. */
const proofsPerBlockMax = 32;

/** Deadlines met in one block at most; the rest are met in the next. */
const deadlinesPerBlockMax = 10_000;

export class Machine {
  readonly genesis: Genesis;
  readonly genesisHash: Hex;
  readonly #parametersHash: Hex;
  readonly #parts: MachineParts;
  readonly #admission: Admission;
  readonly #state = new CommittedState();
  readonly #log = new MerkleLog();
  #due = new DueQueue([]);
  #head: MachineHead;
  #staged: FinalizedBlock | null = null;
  /** What genesis wrote; its events open the log in the first block. */
  #genesisEvents: readonly EventLeaf[] = [];

  constructor(genesis: Genesis, parts: MachineParts) {
    this.genesis = genesis;
    this.genesisHash = genesisHash(genesis);
    this.#parametersHash = parametersHash(genesis);
    this.#parts = parts;
    this.#admission = new Admission(genesis, parts.registry, parts.resolveKey);
    this.#head = { height: 0, timeMs: genesis.timeMs, stateChain: this.genesisHash };
  }

  /** The state that genesis begins with; applied to this machine, which is at height 0. */
  initChain(): { changes: readonly StateChange[]; head: MachineHead; appHash: Hex } {
    assert(this.#head.height === 0 && this.#state.size === 0, 'initChain is the first call');
    const overlay = new Overlay(this.#state);
    const scope = this.#scope(0, this.genesis.timeMs);
    const events: EventLeaf[] = [];
    this.#parts.begin(openLedger(scope, overlay, noCause, events), this.genesis);
    this.#genesisEvents = events;
    const changes = overlay.changes();
    const stateChain = nextStateChain(this.genesisHash, changes);
    this.#restoreState(changes);
    this.#head = { ...this.#head, stateChain };
    return { changes, head: this.#head, appHash: this.#appHash(0, stateChain) };
  }

  /** Puts a machine where it stood: state rows, leaf hashes in log order, and its head. */
  restore(
    state: readonly StateChange[],
    leafHashes: readonly Uint8Array[],
    head: MachineHead,
  ): void {
    assert(this.#state.size === 0 && this.#log.size === 0, 'only a new machine is restored');
    this.#restoreState(state);
    for (const hash of leafHashes) this.#log.append(hash);
    this.#head = head;
  }

  /** Of what is committed: leaves of a staged block are not counted. */
  info(): MachineHead & { readonly logSize: number; readonly logRoot: Hex; readonly appHash: Hex } {
    const { height, stateChain } = this.#head;
    const logSize = this.#log.size - (this.#staged?.leaves.length ?? 0);
    return {
      ...this.#head,
      logSize,
      logRoot: toHex(this.#log.root(logSize)),
      appHash: this.#appHash(height, stateChain, logSize),
    };
  }

  /** When a block is due though nobody submits: the first one at once, then for the earliest
   * deadline; null where none stands. */
  get nextDeadlineMs(): number | null {
    return this.#head.height === 0 ? this.genesis.timeMs : this.#due.nextMs;
  }

  get log(): Pick<
    MerkleLog,
    'inclusionProof' | 'consistencyProof' | 'leafHashAt' | 'root' | 'size'
  > {
    return this.#log;
  }

  /** Whether an envelope may be queued for the next block. Reads committed state only. */
  checkTx(bytes: Uint8Array): Outcome<AdmittedEnvelope> {
    return this.#admission.admit(bytes, this.#state, this.#head.height + 1);
  }

  /** Splits candidates into those that may stand in the next block and those refused. */
  prepareProposal(candidates: readonly Uint8Array[]): {
    accepted: Uint8Array[];
    refused: { bytes: Uint8Array; refusal: Refusal }[];
  } {
    const { sequenceWindow, blockBytesMax, blockEnvelopesMax } = this.genesis.parameters;
    const overlay = new Overlay(this.#state);
    const accepted: Uint8Array[] = [];
    const refused: { bytes: Uint8Array; refusal: Refusal }[] = [];
    const waiting = new Set<Hex>();
    let size = 0;
    let proofs = 0;
    for (const bytes of candidates) {
      const admitted = this.#admission.admit(bytes, overlay, this.#head.height + 1);
      if (!admitted.ok) {
        refused.push({ bytes, refusal: admitted });
        continue;
      }
      if (accepted.length === blockEnvelopesMax || size + bytes.length > blockBytesMax) break;
      const { keyId, sequence } = admitted.value.envelope;
      if (waiting.has(keyId) || proofs + admitted.value.proofs > proofsPerBlockMax) {
        // What the key sent after it waits too: clients count on the order of their own envelopes.
        waiting.add(keyId);
        continue;
      }
      useSequence(overlay, keyId, sequence, sequenceWindow);
      accepted.push(bytes);
      size += bytes.length;
      proofs += admitted.value.proofs;
    }
    return { accepted, refused };
  }

  /** True where every envelope of a proposed block may stand in it. */
  processProposal(envelopes: readonly Uint8Array[]): boolean {
    return this.prepareProposal(envelopes).accepted.length === envelopes.length;
  }

  /** Executes a block and stages it; nothing is visible before `commit`. */
  finalizeBlock(input: BlockInput): FinalizedBlock {
    assert(this.#staged === null, 'a staged block is committed or abandoned first');
    assert(input.height === this.#head.height + 1, 'blocks come in order');
    assert(input.timeMs >= this.#head.timeMs, 'block time does not run backwards');
    const scope = this.#scope(input.height, input.timeMs);
    const block = new Overlay(this.#state);
    const leaves: { logIndex: number; bytes: Uint8Array }[] = [];
    const append = (leaf: Leaf): number => {
      const bytes = encodeLeaf(leaf);
      const logIndex = this.#log.append(leafHash(bytes));
      leaves.push({ logIndex, bytes });
      return logIndex;
    };
    if (input.height === 1) this.#genesisEvents.forEach(append);
    for (const due of this.#due.due(input.timeMs, deadlinesPerBlockMax)) {
      this.#meetDeadline(scope, block, due).forEach(append);
    }
    const results = input.envelopes.map((bytes, position) =>
      this.#execute(scope, block, bytes, position, append),
    );
    this.#staged = this.#seal(input, results, leaves, block.changes());
    return this.#staged;
  }

  /** Makes the staged block visible: the caller has it on disk. */
  commit(): void {
    const staged = this.#staged;
    assert(staged, 'only a staged block is committed');
    this.#state.apply(staged.changes);
    this.#due.apply(staged.changes);
    const { height, timeMs, stateChain } = staged;
    this.#head = { height, timeMs, stateChain };
    this.#staged = null;
  }

  /** Forgets the staged block. */
  abandon(): void {
    if (!this.#staged) return;
    this.#log.truncate(this.#log.size - this.#staged.leaves.length);
    this.#staged = null;
  }

  readRecord<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Static<Schema> | null {
    return readRecord(this.#state, kind, id);
  }

  nextSequence(keyId: Hex): number {
    return nextSequence(this.#state, keyId);
  }

  /** All committed state rows, for audits. */
  *stateRows(): IterableIterator<{ key: string; value: Uint8Array }> {
    for (const key of this.#state.keys()) {
      const value = this.#state.get(key);
      if (value) yield { key, value };
    }
  }

  #scope(height: number, timeMs: number): BlockScope {
    const { chainId, rules, mode } = this.genesis;
    const { verifyProof } = this.#parts;
    return { chainId, height, timeMs, rules, development: mode === 'development', verifyProof };
  }

  #restoreState(changes: readonly StateChange[]): void {
    this.#state.apply(changes);
    this.#due = new DueQueue(this.#state.keys());
  }

  #meetDeadline(scope: BlockScope, block: Overlay, due: Due): EventLeaf[] {
    if (!isPending(block, due)) return [];
    removeDeadline(block, due.name, due.id);
    const deadline = this.#parts.registry.deadlines.get(due.name);
    assert(deadline, `deadline ${due.name} has a handler`);
    const events: EventLeaf[] = [];
    deadline.apply(openLedger(scope, block, noCause, events), due.id);
    return events;
  }

  #execute(
    scope: BlockScope,
    block: Overlay,
    bytes: Uint8Array,
    position: number,
    append: (leaf: Leaf) => number,
  ): EnvelopeResult {
    const id = sha256Hex(bytes);
    const admitted = this.#admission.admit(bytes, block, scope.height);
    const events: EventLeaf[] = [];
    const signed = admitted.ok
      ? admitted.value.envelope
      : this.#admission.findRevivable(admitted, bytes, block);
    if (signed) {
      const { sequenceWindow } = this.genesis.parameters;
      useSequence(block, signed.keyId, signed.sequence, sequenceWindow);
    }
    const ran = admitted.ok
      ? applyOperations(scope, block, admitted.value, events)
      : { outcome: admitted, failedOperation: null };
    const logIndex = append({
      type: 'receipt',
      height: scope.height,
      position,
      envelopeId: id,
      keyId: signed?.keyId ?? zeroHash,
      resultCode: ran.outcome.ok ? 0 : ran.outcome.result.code,
      failedOperation: ran.failedOperation,
    });
    if (ran.outcome.ok) events.forEach(append);
    return { id, bytes, ...ran, logIndex };
  }

  #seal(
    input: BlockInput,
    results: readonly EnvelopeResult[],
    leaves: FinalizedBlock['leaves'],
    changes: readonly StateChange[],
  ): FinalizedBlock {
    const stateChain = nextStateChain(this.#head.stateChain, changes);
    const envelopes = new MerkleLog();
    for (const bytes of input.envelopes) envelopes.append(leafHash(bytes));
    return {
      height: input.height,
      timeMs: input.timeMs,
      results,
      leaves,
      changes,
      envelopesRoot: toHex(envelopes.root()),
      logRoot: toHex(this.#log.root()),
      logSize: this.#log.size,
      stateChain,
      parametersHash: this.#parametersHash,
      appHash: this.#appHash(input.height, stateChain),
    };
  }

  #appHash(height: number, stateChain: Hex, logSize = this.#log.size): Hex {
    return appHash({
      height,
      logRoot: toHex(this.#log.root(logSize)),
      logSize,
      stateChain,
      parametersHash: this.#parametersHash,
    });
  }
}

const noCause = { envelopeId: null, operation: null } as const;

const zeroHash = '00'.repeat(32);

/** All operations on one overlay: the first refusal drops it whole. */
function applyOperations(
  scope: BlockScope,
  block: Overlay,
  admitted: AdmittedEnvelope,
  events: EventLeaf[],
): { outcome: Outcome; failedOperation: number | null } {
  const overlay = new Overlay(block);
  for (const [index, { operation, command }] of admitted.operations.entries()) {
    const cause = { envelopeId: admitted.envelope.id, operation: index };
    const ledger = openLedger(scope, overlay, cause, events);
    const outcome = operation.apply(openContext(ledger, admitted.actor), command);
    if (!outcome.ok) return { outcome, failedOperation: index };
  }
  overlay.applyTo(block);
  return { outcome: success, failedOperation: null };
}
